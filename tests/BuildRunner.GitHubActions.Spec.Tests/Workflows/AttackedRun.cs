namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>A run that executes its scripts repeatedly, with input from an attacker.</summary>
public sealed class AttackedRun : IAsyncLifetime
{
    private WorkflowRepository? _repository;
    private WorkflowRun? _run;

    internal WorkflowRun Run => _run!;

    internal string Main => _repository!.Main;

    public async ValueTask InitializeAsync()
    {
        _repository = await WorkflowRepository.CreateAsync();
        _run = await _repository.BuildAsync([], []);
        _run.Succeeded.Should().BeTrue(_run.Output);
    }

    public ValueTask DisposeAsync()
    {
        _run?.Dispose();
        _repository?.Dispose();
        return ValueTask.CompletedTask;
    }
}
