using System.Reflection;
using Rvm.Model.Checks;

namespace Rvm.Model.Reports;

/// <summary>One event of a counterexample: who ran, what happened, what it answered and which records it left.</summary>
public sealed record Step(uint Runs, Happening Event, long? Status, IReadOnlyList<LogRecord> Records)
{
    public override string ToString()
    {
        var who = Runs == 0 ? "nobody runs" : $"partition {Runs} runs";
        var status = Status is { } s ? $" = {(s is <= 0 and >= -34 ? EventText.Name(typeof(Code), s) : $"0x{s:x}")}" : "";
        var records = Records.Count == 0 ? "" : $"   [{string.Join(", ", Records.Select(EventText.Of))}]";
        return $"{who}: {EventText.Of(Event)} at {Event.Now}{status}{records}";
    }
}

/// <summary>Events and records in words.</summary>
public static class EventText
{
    public static string Of(Happening e) => e.Sort switch
    {
        Sort.Hypercall when e.Number is { } n && Name(typeof(Fn), n) is var name => $"{name}({string.Join(", ", e.Writes.Skip(1).Select(w => Number(w.Value)))})",
        Sort.Hypercall => $"call 0x{e.Writes[0].Value:x}",
        Sort.Trap => $"trap(esr {Number(e.Words[0])}, far {Number(e.Words[1])}, ipa {Number(e.Words[2])}, vectors {Number(e.Words[3])}, pc {Number(e.Writes[0].Value)})",
        _ => e.Sort.ToString(),
    };

    public static string Of(LogRecord r) => $"{Name(typeof(Rec), r.Kind)} by {r.Subject} of {Number(r.Object)}: {Number(r.Aux)}";

    /// <summary>The constant of a class that has this value.</summary>
    public static string Name(Type constants, long value) =>
        constants.GetFields(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(f => f is { IsLiteral: true } && f.FieldType != typeof(ulong) && Convert.ToInt64(f.GetRawConstantValue()) == value)?.Name
            ?? value.ToString();

    private static string Number(ulong n) => n < 10_000 ? n.ToString() : $"0x{n:x}";
}
