using System.Collections.Concurrent;

namespace BuildRunner.Http.Tests;

/// <summary>H10: a read that has not changed is confirmed, and not sent again.</summary>
public sealed class ConditionalReadTests
{
    private readonly ConcurrentQueue<string?> _asked = new();
    private string _state = "one";

    [Fact]
    public async Task Nothing_is_remembered_unless_that_is_asked_for()
    {
        using var backend = Backend(maxBytes: 0);

        await ReadAsync(backend);
        await ReadAsync(backend);

        _asked.Should().Equal(null, null);
    }

    [Fact]
    public async Task What_has_not_changed_is_given_as_it_was_read()
    {
        using var backend = Backend();

        var first = await ReadAsync(backend);
        var second = await ReadAsync(backend);

        (first, second).Should().Be(("one", "one"));
        _asked.Should().Equal(null, "\"one\"");
    }

    [Fact]
    public async Task What_has_changed_is_read_and_takes_the_place_of_what_was()
    {
        using var backend = Backend();
        await ReadAsync(backend);
        _state = "two";

        var changed = await ReadAsync(backend);
        var confirmed = await ReadAsync(backend);

        (changed, confirmed).Should().Be(("two", "two"));
        _asked.Should().Equal(null, "\"one\"", "\"two\"");
    }

    [Fact]
    public async Task What_one_credential_was_shown_is_not_given_to_another()
    {
        var token = "token-1";
        using var backend = Backend(with: options => options with { Credentials = (_, _) => new(HttpCredential.Bearer(token)) });
        await ReadAsync(backend);
        token = "token-2";

        await ReadAsync(backend);
        token = "token-1";
        await ReadAsync(backend);

        _asked.Should().Equal(null, null, "\"one\"");
    }

    [Fact]
    public async Task Requests_with_other_headers_are_told_apart()
    {
        using var backend = Backend();
        await ReadAsync(backend);

        await ReadAsync(backend, accept: "application/vnd.ci.v2+json");

        _asked.Should().Equal(null, null);
    }

    [Fact]
    public async Task What_was_not_asked_for_the_longest_makes_room()
    {
        // Room for two answers of 15 bytes, with what else is kept of each.
        using var backend = Backend(maxBytes: 2100);
        foreach (var path in new[] { "a", "b", "a", "c" })
        {
            await ReadAsync(backend, path);
        }

        _asked.Clear();
        await ReadAsync(backend, "a");
        await ReadAsync(backend, "c");
        await ReadAsync(backend, "b");

        _asked.Should().Equal("\"one\"", "\"one\"", null);
    }

    [Fact]
    public async Task An_answer_that_needs_all_room_and_more_is_not_remembered()
    {
        using var backend = Backend(maxBytes: 10);

        await ReadAsync(backend);
        await ReadAsync(backend);

        _asked.Should().Equal(null, null);
    }

    [Fact]
    public async Task Answers_without_much_of_a_body_count_as_well()
    {
        // A thousand of them would take a megabyte with their headers.
        using var backend = Backend(maxBytes: 20_000);
        for (var path = 0; path < 100; path++)
        {
            await ReadAsync(backend, $"{path}");
        }

        _asked.Clear();
        for (var path = 99; path >= 0; path--)
        {
            await ReadAsync(backend, $"{path}");
        }

        _asked.Count(static tag => tag is not null).Should().BeInRange(1, 20);
    }

    [Fact]
    public async Task What_could_not_be_read_is_not_remembered()
    {
        var answers = 0;
        using var backend = Calls.Backend(
            new ScriptedHandler(request =>
            {
                _asked.Enqueue(TagOf(request));
                return Tagged(ScriptedHandler.Reply(200, ++answers == 1 ? "{\"state\":" : "{\"state\":\"one\"}"), "\"same\"");
            }),
            static options => options with { MaxRememberedBytes = 10_000 });

        (await ReadAsync(backend)).Should().Be("one");

        _asked.Should().Equal(null, null);
    }

    [Fact]
    public async Task A_page_of_a_proxy_is_not_remembered()
    {
        var answers = 0;
        using var backend = Calls.Backend(
            new ScriptedHandler(request =>
            {
                _asked.Enqueue(TagOf(request));
                return ++answers == 1 ? Tagged(ScriptedHandler.Reply(200, "<html/>", "text/html"), "\"page\"") : ScriptedHandler.Reply(200, "{\"state\":\"one\"}");
            }),
            static options => options with { MaxRememberedBytes = 10_000 });

        (await ReadAsync(backend)).Should().Be("one");

        _asked.Should().Equal(null, null);
    }

    [Fact]
    public async Task A_confirmation_that_nobody_has_asked_for_is_an_error_that_may_pass()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(304)), static options => options with { MaxRememberedBytes = 10_000 });

        var act = () => backend.ReadAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public void Less_than_nothing_is_refused()
    {
        var act = () => Backend(maxBytes: -1);

        act.Should().Throw<ArgumentException>();
    }

    private static string? TagOf(HttpRequestMessage request) => request.Headers.TryGetValues("If-None-Match", out var tags) ? tags.Single() : null;

    private static HttpResponseMessage Tagged(HttpResponseMessage response, string tag)
    {
        response.Headers.TryAddWithoutValidation("ETag", tag);
        return response;
    }

    private static async Task<string?> ReadAsync(HttpBackend backend, string path = "a", string? accept = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        return (await backend.ReadAsync(request, RowJson.Default.Row, cancellationToken: TestContext.Current.CancellationToken))!.State;
    }

    // A service that confirms what has not changed.
    private HttpBackend Backend(int maxBytes = 10_000, Func<HttpBackendOptions, HttpBackendOptions>? with = null) => Calls.Backend(
        new ScriptedHandler(request =>
        {
            _asked.Enqueue(TagOf(request));
            var tag = $"\"{_state}\"";
            return Tagged(TagOf(request) == tag ? ScriptedHandler.Reply(304, "") : ScriptedHandler.Reply(200, $"{{\"state\":\"{_state}\"}}"), tag);
        }),
        options =>
        {
            options = options with { MaxRememberedBytes = maxBytes };
            return with?.Invoke(options) ?? options;
        });
}
