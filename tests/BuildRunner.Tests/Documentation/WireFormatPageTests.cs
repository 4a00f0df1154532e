using System.Text.Json;
using System.Text.RegularExpressions;
using BuildRunner.Tests.Architecture;

namespace BuildRunner.Tests.Documentation;

/// <summary>The examples of the page on the wire format are what is written.</summary>
public sealed partial class WireFormatPageTests
{
    private static readonly Dictionary<string, string> Examples =
        Example().Matches(File.ReadAllText(Path.Combine(Repository.Root, "doc", "wire-format.md"))).ToDictionary(match => match.Groups["type"].Value, match => match.Groups["json"].Value);

    public static TheoryData<Type> Types => [.. Json.ConverterRead.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void The_example_of_a_type_is_written_just_so(Type type)
    {
        var example = Examples[type.Name];

        JsonSerializer.Serialize(JsonSerializer.Deserialize(example, type), type).Should().Be(example);
    }

    [GeneratedRegex(@"^## `(?<type>\w+)`\n\n```json\n(?<json>[^\n]+)\n```$", RegexOptions.Multiline)]
    private static partial Regex Example();
}
