using Rvm.Tool.Audit;
using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Bundle;
using Rvm.Tool.Custody;
using Rvm.Tool.Image;
using Rvm.Tool.Planning;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Inspect;

/// <summary>How much a reason weighs: for yes, a limit of what yes means, a reservation, or no.</summary>
public enum Weight { Yes, Note, Reservation, No }

/// <summary>One reason of the answer.</summary>
/// <param name="Topic">what it is about: image, audit, build, system, memory, devices, cores, policy</param>
public sealed record Reason(Weight Weight, string Topic, string Text);

/// <summary>A system that the image boots or is to boot.</summary>
/// <param name="Name">from its description; null when only the image is known</param>
/// <param name="Warnings">what `rvm build` warns of</param>
public sealed record InspectedSystem(string? Name, BundleContent Content, ulong[] Words, IReadOnlyList<string> Warnings)
{
    /// <summary>The policies that the boot bundle carries: none, the one that is active from the beginning, or that and the one that stands by.</summary>
    public int Policies => Content.Policies.Count;
}

/// <summary>The answer to «Is what I run what was proved?».</summary>
/// <param name="Pairs">what holds between each two partitions; null when no system is known</param>
public sealed record InspectionResult(IReadOnlyList<Reason> Reasons, string ImageDigest, IReadOnlyList<PairReport>? Pairs, IReadOnlyList<Feature> Features)
{
    /// <summary>Without reservation.</summary>
    public bool Yes => Reasons.All(r => r.Weight <= Weight.Note);

    public bool No => Reasons.Any(r => r.Weight == Weight.No);

    public string Answer => Yes ? "yes" : No ? "no" : "with reservations";
}

/// <summary>Compares an image and a system with an audit.</summary>
public sealed class Inspection
{
    private readonly AuditDocument audit;
    private readonly List<Reason> reasons = [];

    private Inspection(AuditDocument audit) => this.audit = audit;

    /// <param name="name">the image's file, for people</param>
    /// <param name="described">the system of a description; null: that in the image, if there is one</param>
    /// <param name="cores">how many cores the machine has</param>
    /// <exception cref="ImageException">The image is no AArch64 ELF64 executable.</exception>
    public static InspectionResult Of(string name, byte[] image, AuditDocument audit, InspectedSystem? described, int cores)
    {
        var inspection = new Inspection(audit);
        inspection.Audited();
        var detached = KernelImage.Detach(image);
        var found = inspection.Kernel(name, detached);
        var system = inspection.System(detached, described);
        inspection.Built();
        var state = system is null ? null : InitialState.Of(system.Content);
        var pairs = state is null ? null : PairReport.All(state);
        if (system is not null) inspection.Described(system, state!, pairs!);
        inspection.Cores(cores);
        return new InspectionResult([.. inspection.reasons.OrderByDescending(r => r.Weight)], found, pairs, Feature.All(state, cores, system));
    }

    private void Add(Weight weight, string topic, string text) => reasons.Add(new Reason(weight, topic, text));

    private void Audited()
    {
        if (audit.Findings.Count > 0 || audit.Verdict != "clean") Add(Weight.No, "audit", $"the audit is not clean: {audit.Findings.Count} findings, the first: {audit.Findings.Select(f => $"{f.Place}: {f.Message}").FirstOrDefault()}");
        foreach (var claim in audit.Claims.Where(c => !c.IsProved)) Add(Weight.No, "audit", $"{claim.Name} is not proved: {claim.Outcome}");
        if (audit.Claims.Count == 0) Add(Weight.No, "audit", "the audit has no theorem");
        else if (audit.Claims.All(c => c.IsProved)) Add(Weight.Yes, "audit", $"{audit.Claims.Count} theorems are proved, {audit.Totals.Obligations:N0} obligations, none open");
    }

    private string Kernel(string name, DetachedImage detached)
    {
        var found = ImageDigest.Of(name, detached.Kernel);
        if (detached.Problem is { } problem) Add(Weight.No, "image", problem);
        if (audit.Kernel is not { } stated) Add(Weight.No, "image", "the audit speaks of no image");
        else if (stated.Sha256 == found.Sha256) Add(Weight.Yes, "image", $"the kernel is the audited one, byte for byte: SHA-256 {found.Sha256}");
        else
            foreach (var difference in ImageComparison.Between(stated, found)) Add(Weight.No, "image", $"the kernel is not the audited one: {difference}");
        return found.Sha256;
    }

    /// <summary>The system that counts is the one in the image; a description must be of the same.</summary>
    private InspectedSystem? System(DetachedImage detached, InspectedSystem? described)
    {
        if (detached.Bundle is not { } words) return described;
        if (BundleCodec.Decode(words, out var reason) is not { } content)
        {
            Add(Weight.No, "system", $"the bundle in the image is damaged: {reason}");
            return described;
        }
        if (described is null) return new InspectedSystem(null, content, words, []);
        if (described.Words.AsSpan().SequenceEqual(words)) Add(Weight.Yes, "system", $"the image carries exactly the system {described.Name}: {content.Commands.Count} boot commands and the guests' images");
        else Add(Weight.No, "system", $"the image carries another system than {described.Name}: {Difference(content, described.Content)}");
        return described with { Content = content };
    }

    private static string Difference(BundleContent found, BundleContent described)
    {
        var first = found.Commands.Zip(described.Commands).TakeWhile(c => Placed(c.First) == Placed(c.Second)).Count();
        if (first < Math.Min(found.Commands.Count, described.Commands.Count)) return $"boot command {first} is {Text(found.Commands[first])}, described is {Text(described.Commands[first])}";
        return found.Commands.Count != described.Commands.Count ? $"{found.Commands.Count} boot commands, described are {described.Commands.Count}" : "a guest's image is another one";
    }

    /// <summary>Where a guest's image lies in the bundle depends on how many commands there are, and means nothing.</summary>
    private static BootCommand Placed(BootCommand c) => c.Operation == (ulong)Operation.Image ? c with { A1 = 0 } : c;

    private static string Text(BootCommand c) => $"{(Enum.IsDefined((Operation)c.Operation) ? (Operation)c.Operation : "operation " + c.Operation)} ({string.Join(", ", c.ToWords().Skip(1).Select(w => w < 1_000_000 ? $"{w}" : $"0x{w:x}"))})";

    private void Built()
    {
        foreach (var link in audit.Custody?.Links.Where(l => l.State != CustodyLink.Good && l.Stage != "measurement") ?? [])
            Add(Weight.Reservation, "build", $"the chain of custody has a gap: {link.Stage} {link.Name} is {link.State}");
        foreach (var check in audit.Image.Where(c => !c.Holds)) Add(Weight.Reservation, "build", $"a check of the image fails: {check.Claim} ({check.Detail})");
        if (audit.Verifier is { } v) Add(Weight.Note, "build", $"proved by Dafny {v.Dafny} with {v.Solver}; options: {string.Join(' ', v.Arguments)}");
    }

    private void Described(InspectedSystem system, InitialState state, IReadOnlyList<PairReport> pairs)
    {
        foreach (var warning in system.Warnings) Add(Weight.Reservation, "system", warning);
        foreach (var master in state.Masters)
            Add(Weight.Reservation, "devices", $"{state.Name(master.Holder)} has, or may lease, a device that can read and write all memory by itself ({master.What} at 0x{master.FirstFrame * Abi.Page:x}), and no SMMU confines it: no theorem protects the kernel or another partition from it");
        foreach (var (region, readers) in state.Readers)
            Add(Weight.Note, "memory", $"region {region} ({Units.Show(state.Regions[region].Pages * Abi.Page)}) is shared: {(readers.Count == 0 ? "nobody holds" : string.Join(", ", readers.Select(state.Name)) + (readers.Count == 1 ? " holds" : " hold"))} a capability for it; nobody can write it, it never changes (theorem 3), and it is no channel");
        foreach (var device in state.Devices)
            Add(Weight.Note, "devices", $"{device} can be leased by {(state.Lessees(device).Any() ? $"{Named(state.Lessees(device))}, one at a time" : "nobody")}{(state.Lessees(device, Rights.Grant).Any() ? $" ({Named(state.Lessees(device, Rights.Grant))} may pass that on)" : "")}; a lease ends with its time (theorem 15), what the device's registers keep does not");
        foreach (var pair in pairs.Where(p => !p.Isolated)) Add(Weight.Reservation, "devices", $"{pair.A} and {pair.B}: the isolation theorems do not hold between them");
        string Named(IEnumerable<int> partitions) => string.Join(", ", partitions.Select(state.Name));
        Add(Weight.Note, "policy", system.Policies switch
        {
            0 => $"the boot bundle carries no policy: {ProofRules.Calls} are always denied, capabilities alone decide the rest",
            1 => "the boot bundle carries a policy, which is active from the beginning and for ever; `rvm policy decompile` shows its rules",
            _ => "the boot bundle carries two policies: the first is active from the beginning, policy_activate chooses between them; `rvm policy decompile` shows their rules",
        });
        var open = pairs.Count(p => p.Interferes);
        Add(open == 0 ? Weight.Yes : Weight.Note, "system", $"non-interference holds between {pairs.Count - open} of {pairs.Count} {(pairs.Count == 1 ? "pair" : "pairs")} of partitions{(open == 0 ? "" : "; the others have channels, listed below")}");
    }

    private void Cores(int cores)
    {
        if (cores > 1) Add(Weight.Reservation, "cores", $"the theorems are about one core: that the other {cores - 1} stay parked is the platform's word");
    }
}
