using System.Text;
using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Tool.Planning;

namespace Rvm.Tool.Bundle;

/// <summary>A bundle with the origin of each of its commands.</summary>
public sealed record BuiltBundle(ulong[] Words, BundleContent Content, IReadOnlyList<CommandOrigin> Origins);

/// <summary>Turns a plan into a bundle: IMAGE*, PARTITION*, SHARED*, DEVICE*, (CAP MAP*)*, (REGION MAP*)*, EDGE*, START*, END.</summary>
public sealed class BundleBuilder
{
    private readonly List<BootCommand> _commands = [];
    private readonly List<CommandOrigin> _origins = [];

    private BundleBuilder()
    {
    }

    /// <summary>The bundle of a plan.</summary>
    public static BuiltBundle Build(SystemPlan plan)
    {
        var builder = new BundleBuilder();
        builder.Images(plan);
        builder.Partitions(plan);
        var shared = builder._commands.Count;
        foreach (var s in plan.Shared) builder.Add(new((ulong)Operation.Shared, s.Pages, 0, (ulong)s.Contents.Length), $"shared region {s.Id} `{s.Name}`", s.Place);
        foreach (var d in plan.Devices) builder.Add(new((ulong)Operation.Device, d.FirstFrame, d.Pages), $"device {d.Id} `{d.Name}`", d.Place);
        builder.Objects(plan);
        foreach (var p in plan.Partitions.Where(p => p.Start))
            builder.Add(new((ulong)Operation.Start, (ulong)p.Id), $"start of partition `{p.Name}`", p.Place);
        builder.Add(new((ulong)Operation.End), "end", plan.Partitions[0].Place);
        var content = new BundleContent(builder._commands, Payload(plan, builder._commands, shared))
        {
            Policies = [.. plan.Policies.Select(p => TableCodec.Encode(p.Table))],
        };
        return new(BundleCodec.Encode(content), content, builder._origins);
    }

    private void Images(SystemPlan plan)
    {
        foreach (var i in plan.Images)
            Add(new((ulong)Operation.Image, 0, (ulong)i.Image.Payload.Length, i.Image.Base / Abi.Page, i.Image.CodePages, i.Image.DataPages, i.Image.Entry),
                $"image {i.Index} `{i.Name}`", i.Place);
    }

    private void Partitions(SystemPlan plan)
    {
        foreach (var p in plan.Partitions)
        {
            var name = NameWords(p.Name);
            Add(new((ulong)Operation.Partition, (ulong)p.Image, p.Slice, p.Deadline, p.Budget, p.WitnessQuota, name.Low, name.High), $"partition {p.Id} `{p.Name}`", p.Place);
        }
    }

    private void Objects(SystemPlan plan)
    {
        foreach (var p in plan.Partitions)
            foreach (var c in p.Capabilities)
            {
                Add(new((ulong)Operation.Cap, (ulong)p.Id, (ulong)c.Kind, (ulong)c.Object, (ulong)c.Rights), $"{c.Kind} capability of `{p.Name}`", c.Place);
                foreach (var m in c.Maps) Map(p.Id, c.Object, m, $"shared region {c.Object} `{plan.Shared.First(s => s.Id == c.Object).Name}`");
            }

        foreach (var r in plan.Regions)
        {
            Add(new((ulong)Operation.Region, (ulong)r.Owner, (ulong)r.Policy, r.Pages, r.FirstFrame, (ulong)r.Rights), $"region {r.Id} `{r.Name}`", r.Place);
            foreach (var m in r.Maps) Map(r.Owner, r.Id, m, $"region {r.Id} `{r.Name}`");
        }

        foreach (var e in plan.Edges)
            Add(new((ulong)Operation.Edge, (ulong)e.From, (ulong)e.To, e.Capacity, (ulong)e.FromRights, (ulong)e.ToRights), $"edge {e.Id} `{e.Name}`", e.Place);
    }

    private void Map(int partition, int region, PlannedMap m, string what) =>
        Add(new((ulong)Operation.Map, (ulong)partition, (ulong)region, m.IpaPage, m.FirstPage, m.Pages, (ulong)m.Permission),
            $"map of {what} at IPA 0x{m.IpaPage * Abi.Page:x}", m.Place);

    /// <summary>The bytes of images and of shared regions; their commands learn where these lie.</summary>
    private static ulong[] Payload(SystemPlan plan, List<BootCommand> commands, int shared)
    {
        List<ulong> payload = [];
        var start = BundleCodec.HeaderWords + commands.Count * BootCommand.Words;
        foreach (var image in plan.Images)
        {
            commands[image.Index] = commands[image.Index] with { A1 = (ulong)(start + payload.Count) };
            payload.AddRange(BundleCodec.ToWords(image.Image.Payload));
        }

        foreach (var region in plan.Shared)
        {
            commands[shared] = commands[shared] with { A2 = (ulong)(start + payload.Count) };
            payload.AddRange(BundleCodec.ToWords(region.Contents));
            shared++;
        }

        return [.. payload];
    }

    private void Add(BootCommand command, string text, Place place)
    {
        _origins.Add(new(_commands.Count, text, place));
        _commands.Add(command);
    }

    /// <summary>A name of at most 15 ASCII characters in two words, padded with zeros.</summary>
    public static (ulong Low, ulong High) NameWords(string name)
    {
        var bytes = new byte[16];
        Encoding.ASCII.GetBytes(name, bytes);
        var words = BundleCodec.ToWords(bytes);
        return (words[0], words[1]);
    }
}
