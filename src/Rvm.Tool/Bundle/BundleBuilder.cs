using System.Text;
using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Tool.Planning;

namespace Rvm.Tool.Bundle;

/// <summary>A bundle with the origin of each of its commands.</summary>
public sealed record BuiltBundle(ulong[] Words, BundleContent Content, IReadOnlyList<CommandOrigin> Origins);

/// <summary>Turns a plan into a bundle: IMAGE*, PARTITION*, CAP*, (REGION MAP*)*, EDGE*, START*, END.</summary>
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
        builder.Objects(plan);
        foreach (var p in plan.Partitions.Where(p => p.Start))
            builder.Add(new((ulong)Operation.Start, (ulong)p.Id), $"start of partition `{p.Name}`", p.Place);
        builder.Add(new((ulong)Operation.End), "end", plan.Partitions[0].Place);
        var content = new BundleContent(builder._commands, Payload(plan, builder._commands))
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
                Add(new((ulong)Operation.Cap, (ulong)p.Id, (ulong)c.Kind, (ulong)c.Object, (ulong)c.Rights), $"{c.Kind} capability of `{p.Name}`", c.Place);
        foreach (var r in plan.Regions)
        {
            Add(new((ulong)Operation.Region, (ulong)r.Owner, (ulong)r.Policy, r.Pages, r.FirstFrame, (ulong)r.Rights), $"region {r.Id} `{r.Name}`", r.Place);
            foreach (var m in r.Maps)
                Add(new((ulong)Operation.Map, (ulong)r.Owner, (ulong)r.Id, m.IpaPage, m.FirstPage, m.Pages, (ulong)m.Permission),
                    $"map of region {r.Id} `{r.Name}` at IPA 0x{m.IpaPage * Abi.Page:x}", m.Place);
        }

        foreach (var e in plan.Edges)
            Add(new((ulong)Operation.Edge, (ulong)e.From, (ulong)e.To, e.Capacity, (ulong)e.FromRights, (ulong)e.ToRights), $"edge {e.Id} `{e.Name}`", e.Place);
    }

    private static ulong[] Payload(SystemPlan plan, List<BootCommand> commands)
    {
        List<ulong> payload = [];
        var start = BundleCodec.HeaderWords + commands.Count * BootCommand.Words;
        foreach (var image in plan.Images)
        {
            commands[image.Index] = commands[image.Index] with { A1 = (ulong)(start + payload.Count) };
            payload.AddRange(BundleCodec.ToWords(image.Image.Payload));
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
