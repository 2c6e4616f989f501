using Xunit.Abstractions;

namespace Rvm.ImageTests;

/// <summary>
/// The booted image plays tapes that the host wrote, and must do what the core on the host does: the same log byte for byte, the same registers,
/// effects and schedule after every event, the same words in all tables at the end. RVM_SEED=n and RVM_IMAGE_EVENTS=n choose others.
/// </summary>
public class ScriptTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_128, EventsInAll = 100_000, Length = 2_500;

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out var n) ? n : otherwise;

    [Fact]
    [Trait("Theorem", "Every_event_has_one_outcome")]
    [Trait("Theorem", "The_core_computes_exactly_Step")]
    public void The_image_does_what_the_core_on_the_host_does()
    {
        var (seed, wanted) = (Setting("RVM_SEED", Seed), Setting("RVM_IMAGE_EVENTS", EventsInAll));
        var (events, records, n) = (0, 0UL, 0);
        for (; events < wanted; n++)
        {
            var script = Script.Random(seed + n, Math.Min(Length, wanted - events));
            var image = Machine.Run(script.Bundle, script.Words);
            var difference = Comparison.First(script.Model, image, script.AfterBoot, recorded: false);
            Assert.True(difference is null, $"{script.Name} (RVM_SEED={seed + n}): {difference}");
            (events, records) = (events + script.Model.Events, records + script.Model.Core.log.head);
            output.WriteLine($"{script.Name}: {script.Model.Events} events, {script.Model.Core.log.head} records, {image.Seconds:f1} s");
        }

        output.WriteLine($"{events} events in {n} boots, {records} records: image and host agree in every byte");
        Assert.True(records > (ulong)events / 10, "hardly any records: the scripts do too little");
    }
}
