using System.Text.RegularExpressions;

namespace BuildRunner.Jenkins.Tests.Pipelines;

/// <summary>A pipeline that the documentation gives to users.</summary>
internal sealed partial class Jenkinsfile(string content)
{
    public static Jenkinsfile Merged { get; } = Read("Jenkinsfile");

    public static Jenkinsfile Document { get; } = Read("Jenkinsfile-document");

    public string Content { get; } = content;

    /// <summary>Gets what it declares, with the kind of each parameter as Jenkins names it.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; } = Parameter().Matches(content).ToDictionary(
        static match => match.Groups["name"].Value,
        static match => match.Groups["kind"].Value == "text" ? "TextParameterDefinition" : "StringParameterDefinition");

    /// <summary>Gets the steps in order: what a shell runs, and <c>deleteDir()</c> and <c>checkout scm</c> as they are.</summary>
    public IReadOnlyList<string> Steps { get; } = [.. Step().Matches(content).Select(static match =>
        match.Groups["script"] is { Success: true } script ? script.Value : match.Value.Trim())];

    public static Jenkinsfile Read(string name) => new(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ci", name)));

    [GeneratedRegex(@"^\s+(?<kind>text|string)\(name: '(?<name>\w+)'", RegexOptions.Multiline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^ {16}(?:sh '''(?<script>.*?)'''|sh '(?<script>[^'\n]+)'|(?!//)\S[^\n]*)$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Step();
}
