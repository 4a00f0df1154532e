using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>A workflow file that the documentation gives to users.</summary>
internal sealed class WorkflowFile(string content)
{
    private static readonly IDeserializer Deserializer =
        new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();

    public static WorkflowFile Merged { get; } = Read("build.yml");

    public static WorkflowFile Document { get; } = Read("build-document.yml");

    public string Content { get; } = content;

    public YamlMappingNode Root { get; } = RootOf(content);

    /// <summary>Gets the steps of the only job.</summary>
    /// <remarks>A member that the type does not know, such as <c>if</c>, is an error, because the tests would not heed it.</remarks>
    public IReadOnlyList<WorkflowStep> Steps { get; } = StepsOf(content);

    public YamlNode this[params string[] path] => path.Aggregate((YamlNode)Root, static (node, key) => node[key]);

    private static WorkflowFile Read(string name) => new(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ci", name)));

    private static YamlMappingNode RootOf(string content)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(content));
        return (YamlMappingNode)stream.Documents.Should().ContainSingle().Subject.RootNode;
    }

    private static List<WorkflowStep> StepsOf(string content)
    {
        var jobs = (YamlMappingNode)RootOf(content)["jobs"];
        var job = (YamlMappingNode)jobs.Children.Should().ContainSingle().Subject.Value;
        job.Children.Keys.Select(static key => key.ToString()).Should().BeEquivalentTo("runs-on", "steps");
        var steps = new StringWriter();
        new YamlStream(new YamlDocument(job["steps"])).Save(steps, assignAnchors: false);
        return Deserializer.Deserialize<List<WorkflowStep>>(steps.ToString());
    }
}
