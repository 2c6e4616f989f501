namespace System.Runtime;

// The ahead-of-time compiler knows these two by name; the public reference assemblies do not have them.

/// <summary>The body is the image's symbol of that name.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute : Attribute
{
    public RuntimeImportAttribute(string dll, string entry) { }
}

/// <summary>The method gets this symbol, without a transition between native and managed code.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute : Attribute
{
    public RuntimeExportAttribute(string entry) { }
}
