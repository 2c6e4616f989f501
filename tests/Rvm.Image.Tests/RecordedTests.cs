using Xunit.Abstractions;

namespace Rvm.ImageTests;

/// <summary>
/// Real systems: the image writes down every exception of their guests, as the vectors deliver it. The core on the host, given the same events, must
/// have written the same log; and so must the image when it plays the tape.
/// </summary>
public class RecordedTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("hello")]
    [InlineData("pingpong")]
    [InlineData("lifecycle")]
    [InlineData("flood")]
    [InlineData("crash")]
    [InlineData("intruder")]
    [InlineData("proof")]
    [InlineData("tenants")]
    [InlineData("lease")]
    public void What_guests_did_gives_the_same_log_on_the_host(string system)
    {
        var bundle = Systems.Bundle(system);
        var image = Machine.Run(bundle, tape: null);
        var events = TapeEvent.Read(image.Tape);
        var model = Systems.Replay(bundle, events, out var afterBoot);
        Assert.Null(Comparison.First(model, image, afterBoot, recorded: true));
        Assert.Contains(image.Console, l => l.StartsWith("RVM HALT status=0", StringComparison.Ordinal));
        var played = Machine.Run(bundle, image.Tape);
        Assert.Null(Comparison.First(model, played, afterBoot, recorded: false));
        output.WriteLine($"{system}: {model.Events} events, {model.Core.log.head} records; image, host and replay agree in every byte");
    }
}
