using System.Text;

namespace BuildRunner.Http.Tests;

/// <summary>H11: a log that is stored elsewhere is followed by hand, with nothing that is for the service.</summary>
public sealed class RedirectTests
{
    private static readonly HttpText Log = new("log") { FollowsRedirects = true, MayBeMissing = true };

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_log_is_read_where_it_is_stored_without_credentials_and_headers_of_the_service(int status)
    {
        List<HttpRequestMessage> requests = [];
        using var backend = Backend(request =>
        {
            requests.Add(request);
            return request.RequestUri!.Host == "ci.test" ? To(status, "https://store.test/7?sig=x")
                : ScriptedHandler.Reply(200, "text", "text/plain");
        });

        (await ReadAsync(backend, Log)).Should().Be("text");
        requests.Should().HaveCount(2);
        requests[0].Headers.Contains("Authorization").Should().BeTrue();
        requests[1].Headers.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/other/log", "https://ci.test/other/log")]
    [InlineData("//store.test/log", "https://store.test/log")]
    public async Task A_redirect_is_relative_to_where_it_comes_from_and_takes_no_credentials_along_either(string location, string expected)
    {
        List<HttpRequestMessage> requests = [];
        using var backend = Backend(request =>
        {
            requests.Add(request);
            return requests.Count == 1 ? To(302, location) : ScriptedHandler.Reply(200, "text", "text/plain");
        });

        (await ReadAsync(backend, Log)).Should().Be("text");
        requests[1].RequestUri.Should().Be(new Uri(expected));
        requests[1].Headers.Should().BeEmpty();
    }

    [Theory]
    [InlineData("http://store.test/log")]
    [InlineData("ftp://store.test/log")]
    [InlineData("file:///etc/passwd")]
    [InlineData(null)]
    public async Task A_redirect_to_a_lower_scheme_or_to_nowhere_is_not_followed(string? location)
    {
        var requests = 0;
        using var backend = Backend(_ =>
        {
            requests++;
            return To(302, location);
        });

        (await FluentActions.Awaiting(() => ReadAsync(backend, Log)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeFalse();
        requests.Should().Be(1);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task A_log_is_followed_three_times_at_most(int hops, bool isRead)
    {
        var requests = 0;
        using var backend = Backend(_ => requests++ < hops ? To(302, $"https://store.test/{requests}")
            : ScriptedHandler.Reply(200, "text", "text/plain"));

        var act = () => ReadAsync(backend, Log);

        if (isRead)
        {
            (await act()).Should().Be("text");
        }
        else
        {
            await act.Should().ThrowExactlyAsync<BuildRunnerException>();
        }
    }

    [Fact]
    public async Task A_redirect_is_followed_where_the_text_says_so_alone()
    {
        var requests = 0;
        using var backend = Backend(_ => ++requests == 1 ? To(302, "https://ci.test/login") : ScriptedHandler.Reply(200, "<html>", "text/html"));

        await FluentActions.Awaiting(() => ReadAsync(backend, new HttpText("log"))).Should().ThrowExactlyAsync<BuildRunnerException>();
        requests.Should().Be(1);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task What_is_missing_where_it_is_stored_is_left_out_along_with_its_heading(int status)
    {
        using var backend = Backend(request => request.RequestUri!.PathAndQuery switch
        {
            "/api/none" => To(302, "https://store.test/none"),
            "/none" => ScriptedHandler.Reply(status, "<Error><Code>BlobNotFound</Code></Error>", "application/xml"),
            var path => ScriptedHandler.Reply(200, $"{path}\n", "text/plain"),
        });

        var text = await ReadAsync(backend, Text("one"), Text("none"), Text("two"));

        text.Should().Be("== one\n/api/one\n== two\n/api/two\n");
        (await ReadAsync(backend, Text("none"))).Should().BeEmpty();
        await FluentActions.Awaiting(() => ReadAsync(backend, new HttpText("none") { FollowsRedirects = true })).Should()
            .ThrowAsync<BuildRunnerException>();
    }

    [Fact]
    public async Task A_proxy_that_knows_no_log_is_a_failed_call()
    {
        using var backend = Backend(static _ => ScriptedHandler.Reply(404, "<html>", "text/html"));

        (await FluentActions.Awaiting(() => ReadAsync(backend, Log)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_store_that_is_away_is_transient()
    {
        using var backend = Backend(request => request.RequestUri!.Host == "ci.test" ? To(302, "https://store.test/log")
            : throw new HttpRequestException("away"));

        (await FluentActions.Awaiting(() => ReadAsync(backend, Log)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    private static HttpText Text(string address) => new(address)
    {
        Heading = $"== {address}\n",
        FollowsRedirects = true,
        MayBeMissing = true
    };

    private static HttpResponseMessage To(int status, string? location)
    {
        var reply = ScriptedHandler.Reply(status, "", "text/html");
        if (location is not null)
        {
            reply.Headers.TryAddWithoutValidation("Location", location);
        }

        return reply;
    }

    private static HttpBackend Backend(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(new HttpBackendOptions
    {
        Name = "test",
        BaseAddress = new Uri("https://ci.test/api/"),
        Headers = new Dictionary<string, string> { ["X-Of-The-Service"] = "1" },
        Credentials = static (_, _) => new(HttpCredential.Bearer("a-token")),
        CreateHandler = () => new ScriptedHandler(answer),
    });

    private static async Task<string> ReadAsync(HttpBackend backend, params HttpText[] texts)
    {
        await using var stream = await backend.OpenTextAsync(texts, TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
