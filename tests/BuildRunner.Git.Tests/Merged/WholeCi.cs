using System.Text;
using BuildRunner.Http;
using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A CI with everything that a runner can have beyond what every one has.</summary>
internal sealed class WholeCi(FakeBuildRunner inner) : DelegatingBuildRunner(inner), IBuildStatusReader, IBuildWebhookReader
{
    public TimeSpan Freshness => TimeSpan.FromSeconds(7);

    public List<TimeSpan> MaxAges { get; } = [];

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        MaxAges.Add(maxAge);
        return Inner.StatusAsync(buildId, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        headers.ContainsKey("signature") ? [new BuildId(Encoding.UTF8.GetString(body.Span))] : null;
}
