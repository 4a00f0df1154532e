using System.Diagnostics;
using System.Text;

namespace BuildRunner.Http.Tests;

/// <summary>H4 and H5: credentials rotate, and never leave.</summary>
public sealed class CredentialTests
{
    private const string Token = "s3cr/t+tok\"en&7";

    [Fact]
    public async Task Credentials_are_asked_for_at_each_request()
    {
        var given = 0;
        List<string> sent = [];
        ScriptedHandler handler = new(request =>
        {
            sent.Add(request.Headers.Authorization!.Parameter!);
            return ScriptedHandler.Reply(200);
        });
        using var backend = Calls.Backend(handler, options => options with { Credentials = (_, _) => new(HttpCredential.Bearer($"token-{++given}")) });

        await backend.ReadAsync();
        await backend.ReadAsync();

        sent.Should().Equal("token-1", "token-2");
    }

    [Fact]
    public async Task A_credential_in_a_form_field_is_replaced_once_and_is_sent_with_forms_alone()
    {
        List<string> sent = [];
        ScriptedHandler handler = new(request =>
        {
            sent.Add(request.Content?.ReadAsStringAsync().GetAwaiter().GetResult() ?? request.Headers.ToString());
            return ScriptedHandler.Reply(request.Method == HttpMethod.Post && sent.Count == 1 ? 401 : 200, """{"id":1}""");
        });
        var given = 0;
        using var backend = Calls.Backend(handler, options => options with
        {
            Credentials = (_, _) => new(HttpCredential.FormField("token", $"a token+{++given}")),
        });
        using HttpRequestMessage create = new(HttpMethod.Post, "builds")
        {
            Content = new FormUrlEncodedContent([new("ref", "main & more")]),
        };

        await backend.CreateAsync(create, static _ => new BuildId("1"));
        await backend.ReadAsync();

        sent.Should().Equal("ref=main+%26+more&token=a+token%2B1", "ref=main+%26+more&token=a+token%2B2", "");
        backend.Redactor.Redact("a token+2 and a%20token%2B2").Should().NotContain("token");
        HttpCredential.FormField("token", "s3cret").ToString().Should().NotContain("s3cret");
    }

    [Fact]
    public async Task A_credential_with_an_end_is_kept_until_shortly_before()
    {
        FakeTimeProvider time = new();
        var given = 0;
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)), options => options with
        {
            TimeProvider = time,
            Credentials = (_, _) =>
            {
                given++;
                return new(new HttpCredential("Authorization", "Bearer x1234") { ExpiresAt = time.GetUtcNow().AddHours(1) });
            },
        });

        await backend.ReadAsync();
        time.Advance(TimeSpan.FromMinutes(58));
        await backend.ReadAsync();
        given.Should().Be(1);
        time.Advance(TimeSpan.FromMinutes(2));
        await backend.ReadAsync();

        given.Should().Be(2);
    }

    [Fact]
    public async Task A_create_that_was_refused_for_its_credential_goes_once_more_with_another()
    {
        List<HttpCredential?> refused = [];
        var given = 0;
        ScriptedHandler handler = new(static request => ScriptedHandler.Reply(request.Headers.Authorization!.Parameter == "token-2" ? 200 : 401));
        using var backend = Calls.Backend(handler, options => options with
        {
            Credentials = (credential, _) =>
            {
                refused.Add(credential);
                return new(HttpCredential.Bearer($"token-{++given}"));
            },
        });

        (await backend.CreateAsync()).Should().Be(Calls.Build);

        handler.Requests.Should().HaveCount(2);
        refused.Should().HaveCount(2).And.HaveElementAt(0, null);
        refused[1].Should().NotBeNull();
    }

    [Fact]
    public async Task A_credential_that_is_refused_twice_is_a_faulty_setup()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(401));
        using var backend = Calls.Backend(handler, static options => options with { Credentials = static (_, _) => new(HttpCredential.Bearer("wrong")) });

        var act = () => backend.CreateAsync();

        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        handler.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Those_that_are_refused_together_mint_one_credential()
    {
        var minted = 0;
        TaskCompletionSource all = new();
        var waiting = 0;
        ScriptedHandler handler = new(async (request, _) =>
        {
            if (request.Headers.Authorization!.Parameter == "token-1")
            {
                if (Interlocked.Increment(ref waiting) == 8)
                {
                    all.SetResult();
                }

                await all.Task;
                return ScriptedHandler.Reply(401);
            }

            return ScriptedHandler.Reply(200);
        });
        using var backend = Calls.Backend(handler, options => options with
        {
            Credentials = (_, _) =>
            {
                var token = $"token-{Interlocked.Increment(ref minted)}";
                return new(new HttpCredential("Authorization", $"Bearer {token}", token) { ExpiresAt = DateTimeOffset.MaxValue });
            },
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => backend.ReadAsync()));

        minted.Should().Be(2);
    }

    [Fact]
    public async Task A_refused_credential_is_not_sent_again_when_there_is_no_other()
    {
        List<string> sent = [];
        var asked = 0;
        ScriptedHandler handler = new(request =>
        {
            sent.Add(request.Headers.Authorization!.Parameter!);
            return ScriptedHandler.Reply(sent.Count > 1 ? 401 : 200);
        });
        using var backend = Calls.Backend(handler, options => options with
        {
            Credentials = (_, _) => ++asked == 1
                ? new(new HttpCredential("Authorization", "Bearer token-1") { ExpiresAt = DateTimeOffset.MaxValue })
                : throw new BuildRunnerConfigurationException("No login."),
        });
        await backend.ReadAsync();

        var refused = () => backend.ReadAsync();
        await refused.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await refused.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();

        sent.Should().HaveCount(2);
    }

    [Fact]
    public async Task Those_that_wait_for_a_credential_in_vain_share_the_failure()
    {
        var asked = 0;
        TaskCompletionSource open = new();
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200)), options => options with
        {
            Credentials = async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                await open.Task;
                throw new BuildRunnerConfigurationException("No login.");
            },
        });

        var calls = Enumerable.Range(0, 8).Select(_ => backend.ReadAsync()).ToList();
        open.SetResult();
        List<Exception> thrown = [];
        foreach (var call in calls)
        {
            thrown.Add((await FluentActions.Awaiting(() => call).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which);
        }

        asked.Should().Be(1);
        thrown.Should().OnlyHaveUniqueItems();
        await FluentActions.Awaiting(() => backend.ReadAsync()).Should().ThrowAsync<BuildRunnerConfigurationException>();
        asked.Should().Be(2, "who comes later asks again");
    }

    [Fact]
    public async Task Who_leaves_while_he_asks_for_a_credential_does_not_speak_for_those_that_wait()
    {
        var asked = 0;
        using CancellationTokenSource caller = new();
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(200, "{\"state\":\"x\"}")), options => options with
        {
            Credentials = async (_, token) =>
            {
                if (Interlocked.Increment(ref asked) == 1)
                {
                    await Task.Delay(Timeout.Infinite, token);
                }

                return HttpCredential.Bearer("token");
            },
        });
        var leaving = backend.ReadAsync(caller.Token);
        var waiting = backend.ReadAsync(TestContext.Current.CancellationToken);

        await caller.CancelAsync();

        await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>();
        (await waiting)!.State.Should().Be("x");
    }

    [Fact]
    public async Task A_source_of_credentials_that_fails_is_a_failed_call_that_created_nothing()
    {
        using var backend = Calls.Backend(
            new ScriptedHandler(static _ => ScriptedHandler.Reply(200)),
            static options => options with { Credentials = static (_, _) => throw new IOException("vault away") });

        var act = () => backend.CreateAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    public static TheoryData<string> Forms =>
    [
        Token,
        Uri.EscapeDataString(Token),
        System.Net.WebUtility.HtmlEncode(Token),
        System.Text.Json.JsonEncodedText.Encode(Token).ToString(),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Token)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"bot:{Token}")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"b:{Token}:x")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"bo:{Token}x")),
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_secret_that_a_server_repeats_is_in_no_exception(string form)
    {
        using var backend = Calls.Backend(
            new ScriptedHandler(_ => ScriptedHandler.Reply(400, $"{{\"error\":\"not {form} today\"}}")),
            static options => options with { Credentials = static (_, _) => new(HttpCredential.Bearer(Token)) });

        var act = () => backend.CreateAsync();

        var text = (await act.Should().ThrowAsync<BuildRunnerException>()).Which.ToString();
        text.Should().Contain("today").And.NotContain(form[4..^4]);
    }

    [Fact]
    public async Task An_error_is_told_in_at_most_a_kilobyte_and_without_control_characters()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(400, $"\u001b[31m{new string('x', 100_000)}")));

        var act = () => backend.CreateAsync();

        var message = (await act.Should().ThrowAsync<BuildRunnerException>()).Which.Message;
        message.Length.Should().BeLessThan(1200);
        message.Should().NotContain("\u001b");
    }

    [Fact]
    public async Task No_credential_is_in_a_trace()
    {
        List<string> traced = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "System.Net.Http",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (traced)
                {
                    traced.AddRange(activity.TagObjects.Select(static tag => $"{tag.Value}"));
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using RawServer server = new(static _ => new RawReply(200));
        using var backend = Calls.Backend(server.Address, static options => options with { Credentials = static (_, _) => new(HttpCredential.Bearer(Token)) });

        await backend.ReadAsync(TestContext.Current.CancellationToken);

        lock (traced)
        {
            traced.Should().NotBeEmpty().And.NotContain(value => value.Contains("s3cr", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_credential_does_not_show_itself()
    {
        HttpCredential.Basic("bot", Token).ToString().Should().Be("Authorization: (secret)");
    }
}
