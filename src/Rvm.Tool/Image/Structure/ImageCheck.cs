namespace Rvm.Tool.Image.Structure;

/// <summary>One structural property of the kernel image.</summary>
/// <param name="Name">short name, e.g. wx, indirect-branch, stack, allocation, el2-state</param>
/// <param name="Claim">one sentence: what holds</param>
/// <param name="Value">what was counted, with its limit; 0 and 0 when nothing is counted</param>
public sealed record ImageCheck(string Name, string Claim, bool Holds, long Value, long Limit, string Detail);
