// Frames are not cleared on entry: for large ones the compiler would take vector registers, which belong to a guest.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
