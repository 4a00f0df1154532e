using System.Net;

namespace BuildRunner.Testing.Tests;

public sealed class LossyTcpProxyTests : IAsyncLifetime
{
    private readonly RawServer _server = new(static request => new RawReply(200, request.Path));
    private readonly HttpClient _client = new();
    private LossyTcpProxy _proxy = null!;

    public ValueTask InitializeAsync()
    {
        _proxy = new LossyTcpProxy(new DnsEndPoint(_server.Address.Host, _server.Address.Port));
        _client.BaseAddress = new Uri($"http://{_proxy.EndPoint}/");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_not_to_be_lost_passes()
    {
        await using var injection = _proxy.LoseAnswer("POST /builds");

        (await GetAsync("one", TestContext.Current.CancellationToken)).Should().Be("/one");
        (await GetAsync("two", TestContext.Current.CancellationToken)).Should().Be("/two");

        injection.Reached.IsCompleted.Should().BeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_request_whose_answer_is_lost_has_reached_the_server_once()
    {
        await GetAsync("warm", TestContext.Current.CancellationToken);
        await using var injection = _proxy.LoseAnswer("POST /builds");

        var act = () => PostAsync(new StringContent("{}"), TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<HttpRequestException>();
        injection.Reached.IsCompletedSuccessfully.Should().BeTrue();
        _server.CountOf("POST").Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_the_transport_sends_again_is_counted()
    {
        await using var injection = _proxy.LoseAnswer("POST /builds");

        await PostAsync(content: null, TestContext.Current.CancellationToken);

        _server.CountOf("POST").Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task One_answer_is_lost_and_none_after_it_was_taken_back()
    {
        await using (_proxy.LoseAnswer("POST /builds"))
        {
            var act = () => PostAsync(new StringContent("{}"), TestContext.Current.CancellationToken);
            await act.Should().ThrowAsync<HttpRequestException>();
            await PostAsync(new StringContent("{}"), TestContext.Current.CancellationToken);
        }

        await _proxy.LoseAnswer("POST /builds").DisposeAsync();
        await PostAsync(new StringContent("{}"), TestContext.Current.CancellationToken);

        _server.CountOf("POST").Should().Be(3);
    }

    [Fact]
    public void What_is_missing_is_refused()
    {
        Action[] acts = [() => _ = new LossyTcpProxy(null!), () => _proxy.LoseAnswer("")];

        acts.Should().AllSatisfy(act => act.Should().Throw<ArgumentException>());
    }

    private Task<string> GetAsync(string path, CancellationToken cancellationToken) => _client.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);

    private async Task PostAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        using var response = await _client.PostAsync(new Uri("builds", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
