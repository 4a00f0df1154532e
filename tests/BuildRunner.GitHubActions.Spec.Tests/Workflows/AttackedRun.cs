namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>A run whose scripts are run again and again with what an attacker sends.</summary>
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
