using Rvm.Diagnostics;
using Rvm.Tool.Bundle;
using Rvm.Tool.Planning;

namespace Rvm.ImageTests;

/// <summary>The systems of the checkout, and their recorded events on the host.</summary>
public static class Systems
{
    /// <summary>The bundle of <c>systems/NAME.yaml</c>.</summary>
    public static ulong[] Bundle(string name)
    {
        var bag = new DiagnosticBag();
        var plan = Planner.FromFile(Checkout.Path_($"systems/{name}.yaml"), bag);
        Assert.True(plan is not null && !bag.HasErrors, $"systems/{name}.yaml cannot be built; was `make build` done?");
        return BundleBuilder.Build(plan!).Words;
    }

    /// <summary>The model after a recorded run: its boot at the tape's first times, then the other events.</summary>
    public static Model Replay(ulong[] bundle, List<TapeEvent> events, out List<TapeEvent> afterBoot)
    {
        var model = new Model();
        var boot = model.Boot(bundle, [.. events.TakeWhile(e => e.Kind == Tape.Time).Select(e => e.Now)]);
        afterBoot = events[boot..];
        foreach (var e in afterBoot) model.Deliver(e);
        return model;
    }
}
