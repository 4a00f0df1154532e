namespace BuildRunner.Tests.Waiting;

/// <summary>A runner whose status answers are given in advance. It remembers the tokens it was asked with.</summary>
internal sealed class ScriptedBuildRunner(params IEnumerable<Func<CancellationToken, Task<BuildSnapshot>>> answers) : IBuildRunner
{
    public static readonly BuildId Build = new("7");

    private readonly Queue<Func<CancellationToken, Task<BuildSnapshot>>> _answers = new(answers);
    private readonly List<CancellationToken> _tokens = [];

    public int Asked => _tokens.Count;

    public int Cancelled { get; private set; }

    public IReadOnlyList<CancellationToken> Tokens => _tokens;

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Waiting does not trigger.");

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        buildId.Should().Be(Build);
        _tokens.Add(cancellationToken);
        return _answers.Dequeue()(cancellationToken);
    }

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        Cancelled++;
        return Task.CompletedTask;
    }
}
