using Rvm.Tool.Tests.Support;

namespace Rvm.Release.Tests.Support;

/// <summary>openssl and sha256sum, with which a stranger checks a release.</summary>
public static class OpenSsl
{
    public static ProcessResult Run(string folder, params string[] arguments) => RvmProcess.Start("openssl", arguments, [], folder);

    /// <summary>A new private key, as docs/release.md says to make one.</summary>
    public static string NewKey(TempFolder folder, string name = "release.key")
    {
        var made = Run(folder.Root, "genpkey", "-algorithm", "ed25519", "-out", name);
        Assert.True(made.ExitCode == 0, made.All);
        return folder.At(name);
    }
}
