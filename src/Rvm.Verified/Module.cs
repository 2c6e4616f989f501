// Locals of generated code are always assigned before use; clearing them first would cost instructions and use vector registers.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
