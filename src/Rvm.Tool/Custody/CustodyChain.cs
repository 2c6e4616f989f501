namespace Rvm.Tool.Custody;

/// <summary>One thing in the chain from the proved sources to what boots.</summary>
/// <param name="Stage">source, generated, assembly, object, image or measurement, in the order of the chain</param>
/// <param name="Digest">SHA-256 of what is there now; empty when nothing is</param>
/// <param name="Recorded">SHA-256 of what the build recorded, if it recorded any</param>
/// <param name="State">good, stale (made of something older), changed (touched since it was made), missing or unrecorded</param>
/// <param name="Note">what a reader should know of this link</param>
public sealed record CustodyLink(string Stage, string Name, string Digest, string? Recorded, string State, string Note)
{
    public const string Good = "good", Stale = "stale", Changed = "changed", Missing = "missing", Unrecorded = "unrecorded";
}

/// <param name="SourceDigest">of all proved Dafny sources, names included</param>
/// <param name="ImageDigest">of the kernel image, when there is one</param>
/// <param name="Reproduction">what clean clones gave; null in audits that say nothing of it</param>
public sealed record CustodyChain(string SourceDigest, string? ImageDigest, IReadOnlyList<CustodyLink> Links, Reproduction? Reproduction = null);
