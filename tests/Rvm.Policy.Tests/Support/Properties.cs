using FsCheck;

namespace Rvm.Policy.Tests.Support;

/// <summary>Runs FsCheck properties inside xunit.</summary>
public static class Properties
{
    /// <summary>Fails the test with the shrunk counterexample unless the property holds for so many random values.</summary>
    public static void Holds(this Property property, int tests = 200) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests), property);
}
