using Xunit.v3;

namespace BuildRunner;

/// <summary>
/// Marks tests that start servers, kill processes or take long. <c>dotnet test</c> leaves them out; <c>dotnet test -p:Tests=All</c> runs them too.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class SlowAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Category", "Slow")];
}
