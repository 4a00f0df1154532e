using System.Net;

namespace BuildRunner.Testing.Tests;

/// <summary>The effects of a proxy in front of a server.</summary>
public sealed class ProxyFateTests : IAsyncLifetime
{
    private readonly RawServer _server = new(static _ => new RawReply(200, "ok"));
    private readonly HttpClient _client = new();
    private readonly List<string> _seen = [];
    private ProxyFate _fate;
    private LossyTcpProxy _proxy = null!;

    public ValueTask InitializeAsync()
    {
        _proxy = new LossyTcpProxy(new DnsEndPoint(_server.Address.Host, _server.Address.Port), head =>
        {
            _seen.Add(head.Split("\r\n")[0]);
            return _fate;
        });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory(Timeout = 600_000)]
    [InlineData("Pass")]
    [InlineData("Delay")]
    public async Task What_passes_is_answered(string fate)
    {
        _fate = Enum.Parse<ProxyFate>(fate);

        (await SendAsync(TestContext.Current.CancellationToken)).Should().Be("ok");
        (await SendAsync(TestContext.Current.CancellationToken)).Should().Be("ok");

        _seen.Should().Equal("POST /builds?a=1 HTTP/1.1", "POST /builds?a=1 HTTP/1.1");
        _server.CountOf("POST").Should().Be(2);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_lost_answer_is_that_of_a_request_that_has_arrived()
    {
        _fate = ProxyFate.LoseAnswer;

        await FluentActions.Awaiting(() => SendAsync(TestContext.Current.CancellationToken)).Should().ThrowAsync<HttpRequestException>();

        _server.CountOf("POST").Should().Be(1);
    }

    [Fact(Timeout = 600_000)]
    public async Task What_is_cut_does_not_arrive()
    {
        _fate = ProxyFate.Cut;

        await FluentActions.Awaiting(() => SendAsync(TestContext.Current.CancellationToken)).Should().ThrowAsync<HttpRequestException>();

        _seen.Should().NotBeEmpty();
        _server.CountOf("POST").Should().Be(0);
    }

    private async Task<string> SendAsync(CancellationToken cancellationToken)
    {
        using var reply = await _client.PostAsync(new Uri($"http://{_proxy.EndPoint}/builds?a=1"), new StringContent("body"), cancellationToken);
        return await reply.Content.ReadAsStringAsync(cancellationToken);
    }
}
