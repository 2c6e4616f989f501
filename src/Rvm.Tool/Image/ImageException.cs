namespace Rvm.Tool.Image;

/// <summary>A guest image or kernel that cannot be used.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="mend">What to do about it.</param>
public sealed class ImageException(string message, string mend) : Exception(message)
{
    /// <summary>What to do about it.</summary>
    public string Mend { get; } = mend;
}
