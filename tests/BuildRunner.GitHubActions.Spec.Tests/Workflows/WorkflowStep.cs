namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>A step of a job, as it is written.</summary>
internal sealed class WorkflowStep
{
    public string? Name { get; set; }

    public string? Uses { get; set; }

    public string? Run { get; set; }

    public Dictionary<string, string> With { get; set; } = [];

    public Dictionary<string, string> Env { get; set; } = [];
}
