using System.Globalization;
using Rvm.Tool.Witness;

namespace Rvm.Boot.Tests;

/// <summary>
/// systems/mapper.yaml: 1,000 random maps, probed by the guest. The test draws the guest's numbers again, keeps the abstract map from the log's RegionMap and
/// RegionUnmap records, and says for every probe whether QEMU's own stage-2 walk must let it pass, and otherwise which fault at which level it must report.
/// </summary>
public class RandomMapTests
{
    private const ulong Seed = 0x6d61705f73656564, Page = 4096, Pages = 256, AreaPages = 1024, Longest = 96;
    private const ulong Read = 0, ReadWrite = 1, ReadExecute = 2, Translation = 4, Permission = 12;
    private const byte Map = 0x25, Unmap = 0x26, Rejected = 0x41, Fault = 0x42;
    private const long MemoryOverlap = -23;
    private const int Rounds = 1000, Runs = 4, Probes = 5, Later = 3;

    private static readonly ulong[] Areas = [0x7FE0_0000, 0x70_0000_0000];

    private readonly Dictionary<ulong, (ulong Region, ulong Index, ulong Permission)> pages = [];    // by IPA page
    private readonly HashSet<ulong> tables = [];                                                     // level-3 tables by IPA >> 21, level-2 tables by IPA >> 30 | 1 << 40
    private readonly Dictionary<string, int> met = [];
    private readonly List<(ulong Ipa, ulong Pages, ulong Region)> runs = [];
    private WitnessRecord[] log = [];
    private int next;
    private ulong count, checksum, data;

    [Fact]
    [Trait("Theorem", "The_hardware_sees_what_the_map_says")]
    [Trait("Theorem", "Nothing_is_writable_and_executable")]
    [Trait("Theorem", "The_log_tells_all")]
    [Trait("Theorem", "No_stale_translation_survives")]
    [Trait("Theorem", "Break_before_make")]
    [Trait("Theorem", "The_walk_reads_these_descriptors")]
    public void Qemus_walk_agrees_with_the_abstract_map_on_every_probe_of_a_thousand_random_maps()
    {
        var run = SystemRun.Of("mapper").MustBeGood();
        log = [.. run.Records.Where(r => r.Subject == 1 && r.Kind is Map or Unmap or Rejected or Fault)];
        var regions = run.Records.Where(r => r.Kind == 0x20 && (r.Aux >> 40 & 0xF_FFFF) == Pages).Select(r => r.Object & 0xFFFF_FFFF).ToArray();
        Assert.Equal(2, regions.Length);
        (data, var book) = (regions[0], regions[1]);
        var code = run.Records.First(r => r.Kind == Map && r.Subject == 0);
        Table(code.Object & 0xFFFF_FFFF, code.Aux & 0xFFFF_FFFF);
        log = [.. log.SkipWhile(r => r.Kind == Map && r.Sequence <= code.Sequence)];

        Mapped(data, Areas[0], 0, Pages, ReadWrite);
        Unmapped(data, Areas[0], Pages);
        for (var round = 1; round <= Rounds; round++)
        {
            Make(book);
            Probe(Probes);
            if (runs.Count > 0) TakePart();
            foreach (var r in runs.Where(r => r.Pages > 0)) Unmapped(r.Region, r.Ipa, r.Pages);
            Assert.Empty(pages);
            if (round % 100 == 0)
            {
                var line = $"mapper: {round} maps, {count} numbers, checksum 0x{checksum.ToString("x", CultureInfo.InvariantCulture)}";
                run.Contains(run.Of("mapper"), l => l == line);
            }
        }

        Assert.Equal(log.Length, next);
        // Nothing of what was to be tried was missing.
        string[] all = ["read ok", "read translation 3", "read translation 2", "write ok", "write permission 3", "write translation 3", "write translation 2",
                        "call ok", "call permission 3", "call translation 3", "call translation 2",
                        "read translation 1", "write translation 1", "call translation 1", "overlap"];
        Assert.All(all, what => Assert.True(met.GetValueOrDefault(what) >= 20, $"«{what}» was met {met.GetValueOrDefault(what)} times: {string.Join(", ", met.OrderBy(m => m.Key))}"));
    }

    private static ulong Mix(ulong x)
    {
        x += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    private ulong Draw(ulong below) => Mix(Seed + count++) % below;

    private ulong Place()
    {
        var area = Areas[Draw(2)];
        return area + Draw(AreaPages) * Page;
    }

    private void Met(string what) => met[what] = met.GetValueOrDefault(what) + 1;

    private void Fold(ulong value) => checksum = Mix(checksum ^ value);

    private WitnessRecord Next(string what)
    {
        Assert.True(next < log.Length, $"the log has no record for: {what}");
        return log[next++];
    }

    private void Table(ulong page, ulong number)
    {
        for (var p = page; p < page + number; p++)
        {
            tables.Add(p >> 9);
            tables.Add(p >> 18 | 1UL << 40);
        }
    }

    private void Mapped(ulong region, ulong ipa, ulong first, ulong number, ulong permission)
    {
        var record = Next("region_map");
        Assert.True((record.Kind, record.Object, record.Aux) == (Map, region << 32 | ipa / Page, permission << 60 | 1UL << 52 | first << 32 | number),
                    $"record {record.Sequence} is not the map of {number} pages at 0x{ipa:x}: {record}");
        Table(ipa / Page, number);
        for (ulong i = 0; i < number; i++) pages.Add(ipa / Page + i, (region, first + i, permission));
    }

    private void Unmapped(ulong region, ulong ipa, ulong number)
    {
        var record = Next("region_unmap");
        Assert.True((record.Kind, record.Object, record.Aux) == (Unmap, region << 32 | ipa / Page, number), $"record {record.Sequence} is not the unmapping of {number} pages at 0x{ipa:x}: {record}");
        for (ulong i = 0; i < number; i++) Assert.True(pages.Remove(ipa / Page + i));
    }

    private void Make(ulong book)
    {
        runs.Clear();
        for (var i = 0; i < Runs; i++)
        {
            var fromBook = Draw(2) != 0;
            var first = Draw(Pages);
            var number = 1 + Draw(Math.Min(Pages - first, Longest));
            var ipa = Place();
            var permission = Draw(2) != 0 ? fromBook ? ReadExecute : ReadWrite : Read;
            if (Enumerable.Range(0, (int)number).Any(p => pages.ContainsKey(ipa / Page + (ulong)p)))
            {
                var refusal = Next("an overlap refused");
                Assert.Equal((Rejected, 0xC600_0002UL, MemoryOverlap), (refusal.Kind, refusal.Object, (long)refusal.Aux));
                Met("overlap");
                continue;
            }

            Mapped(fromBook ? book : data, ipa, first, number, permission);
            runs.Add((ipa, number, fromBook ? book : data));
        }
    }

    private void TakePart()
    {
        var chosen = (int)Draw((ulong)runs.Count);
        var r = runs[chosen];
        var from = Draw(r.Pages);
        var number = 1 + Draw(r.Pages - from);
        Unmapped(r.Region, r.Ipa + from * Page, number);
        runs[chosen] = r with { Pages = from };
        Probe(Later);
        if (r.Pages - from - number > 0) Unmapped(r.Region, r.Ipa + (from + number) * Page, r.Pages - from - number);
    }

    private void Probe(int number)
    {
        for (var i = 0; i < number; i++)
        {
            var where = Draw(8);
            One(where == 0 ? 0x1_0000_0000 + Draw((1UL << 27) - (1UL << 20)) * Page
                : where == 1 ? (Draw(2) != 0 ? 0x8000_0000 : 0x70_0000_0000UL) + Draw(1UL << 18) * Page
                : where < 5 || runs.Count == 0 ? Place() : Near());
        }
    }

    private ulong Near()
    {
        var r = runs[(int)Draw((ulong)runs.Count)];
        var edge = Draw(2) != 0 ? r.Ipa : r.Ipa + r.Pages * Page;
        return edge + Draw(3) * Page - Page;
    }

    private void One(ulong address)
    {
        var kind = Draw(3);
        var mapped = pages.TryGetValue(address / Page, out var page);
        switch (kind)
        {
            case 0:
                if (!mapped) Faults("read", address, 0x24, write: false, Translation);
                else Met("read ok");
                Fold(mapped ? 1UL : 0);
                Fold(mapped && page.Region == data ? Mix(page.Index + 1) : 0);
                break;
            case 1:
                var writable = mapped && page.Permission == ReadWrite;
                if (!writable) Faults("write", address + 8, 0x24, write: true, mapped ? Permission : Translation);
                else Met("write ok");
                Fold(writable ? 1UL : 0);
                break;
            default:
                var executable = mapped && page.Permission == ReadExecute;
                if (!executable) Faults("call", address + 16, 0x20, write: false, mapped ? Permission : Translation);
                else Met("call ok");
                Fold(executable ? 2UL : 0);
                break;
        }
    }

    /// <summary>The record of a stage-2 fault: exception class, write bit, fault status with the level at which the walk ended.</summary>
    private void Faults(string what, ulong address, ulong exceptionClass, bool write, ulong status)
    {
        var level = tables.Contains(address >> 21) ? 3UL : tables.Contains(address >> 30 | 1UL << 40) ? 2UL : 1UL;
        var name = $"{what} {(status == Permission ? "permission" : "translation")} {level}";
        var record = Next(name);
        var esr = record.Aux;
        Assert.True(record.Kind == Fault && record.Object == address && esr >> 26 == exceptionClass && (esr & 0x3F) == (status | level) && (esr >> 6 & 1) == (write ? 1UL : 0),
                    $"probe {count} at 0x{address:x} must end in «{name}», but record {record.Sequence} says: {record}");
        Met(name);
    }
}
