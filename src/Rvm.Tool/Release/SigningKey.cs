using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Rvm.Diagnostics;
using Rvm.Tool.Audit.Digests;

namespace Rvm.Tool.Release;

/// <summary>A public Ed25519 key, as a file in PEM (SubjectPublicKeyInfo, as <c>openssl pkey -pubout</c> writes it).</summary>
public sealed class VerifyingKey
{
    private readonly Ed25519PublicKeyParameters key;
    private readonly byte[] encoded;

    internal VerifyingKey(Ed25519PublicKeyParameters key) => (this.key, encoded) = (key, SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key).GetDerEncoded());

    /// <summary>SHA-256 of the key's DER encoding, in hexadecimal: what a publisher makes known.</summary>
    public string Fingerprint => ImageDigest.Hash(encoded);

    public string Pem => PemEncoding.WriteString("PUBLIC KEY", encoded) + "\n";

    public bool Verifies(ReadOnlySpan<byte> message, byte[] signature)
    {
        if (signature.Length != Ed25519PrivateKeyParameters.SignatureSize) return false;
        var signer = new Ed25519Signer();
        signer.Init(forSigning: false, key);
        signer.BlockUpdate(message);
        return signer.VerifySignature(signature);
    }

    /// <exception cref="UserErrorException">The text is no public Ed25519 key.</exception>
    public static VerifyingKey Parse(string pem, string file) => new(PemText.Read(pem, "PUBLIC KEY", file, PublicKeyFactory.CreateKey) as Ed25519PublicKeyParameters
        ?? throw new UserErrorException($"{file}: not an Ed25519 key", "`openssl pkey -in release.key -pubout` writes the public half of a key"));
}

/// <summary>A private Ed25519 key, as a file in PEM (PKCS #8, as <c>openssl genpkey</c> writes it).</summary>
public sealed class SigningKey
{
    /// <summary>The command that makes one.</summary>
    public const string HowToMake = "`openssl genpkey -algorithm ed25519 -out release.key` makes one; keep it out of the checkout, then name it with --key release.key";

    private readonly Ed25519PrivateKeyParameters key;

    private SigningKey(Ed25519PrivateKeyParameters key) => (this.key, Public) = (key, new VerifyingKey(key.GeneratePublicKey()));

    public VerifyingKey Public { get; }

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, key);
        signer.BlockUpdate(message);
        return signer.GenerateSignature();
    }

    /// <exception cref="UserErrorException">There is no such file, or it is no private Ed25519 key.</exception>
    public static SigningKey Read(string? file)
    {
        if (file is null) throw new UserErrorException("no key to sign with", HowToMake);
        return Parse(PemText.File(file, HowToMake), file);
    }

    /// <exception cref="UserErrorException">The text is no private Ed25519 key.</exception>
    public static SigningKey Parse(string pem, string file)
    {
        if (pem.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            throw new UserErrorException($"{file}: the key is encrypted", "`openssl pkey -in KEY -out PLAIN` decrypts it, into a folder that only you can read");
        return new SigningKey(PemText.Read(pem, "PRIVATE KEY", file, PrivateKeyFactory.CreateKey) as Ed25519PrivateKeyParameters
            ?? throw new UserErrorException($"{file}: not an Ed25519 key", HowToMake));
    }
}

/// <summary>Files in PEM.</summary>
internal static class PemText
{
    public static string File(string file, string mend)
    {
        try
        {
            return System.IO.File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file} cannot be read: {e.Message}", mend);
        }
    }

    public static AsymmetricKeyParameter? Read(string pem, string label, string file, Func<byte[], AsymmetricKeyParameter> decode)
    {
        if (!PemEncoding.TryFind(pem, out var found) || pem[found.Label] != label)
            throw new UserErrorException($"{file}: there is no «-----BEGIN {label}-----»", label == "PRIVATE KEY" ? SigningKey.HowToMake : "name a file in PEM, as openssl writes it");
        try
        {
            return decode(Convert.FromBase64String(pem[found.Base64Data]));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or GeneralSecurityException or InvalidOperationException)
        {
            throw new UserErrorException($"{file}: not a key: {e.Message.ReplaceLineEndings(" ")}", "the file is damaged, or it holds something else");
        }
    }
}
