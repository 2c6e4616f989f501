namespace Rvm.Policy.Evaluation;

/// <summary>What a policy says to a call.</summary>
/// <param name="Permitted">May the call go on?</param>
/// <param name="Rule">The number of the rule that decided; <see cref="NoRule"/> if no rule matched, and then the call is denied.</param>
public readonly record struct Ruling(bool Permitted, uint Rule)
{
    /// <summary>No rule has this number.</summary>
    public const uint NoRule = 4095;
}
