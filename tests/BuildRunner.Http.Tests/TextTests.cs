using System.Net;
using System.Text;

namespace BuildRunner.Http.Tests;

/// <summary>H5 and H6 for logs: however long, never shortened unseen, and without secrets.</summary>
public sealed class TextTests
{
    private const string Token = "s3cr/t+tok\"en&7";

    [Fact]
    public async Task A_text_longer_than_any_answer_is_read_to_its_end()
    {
        var line = new string('x', 1023) + "\n";
        ScriptedHandler handler = new(_ => ScriptedHandler.Reply(200, string.Concat(Enumerable.Repeat(line, 5000)), "text/plain"));
        using var backend = Calls.Backend(handler, static options => options with { MaxResponseBytes = 1000 });

        await using var text = await backend.OpenTextAsync([new("log")], TestContext.Current.CancellationToken);

        (await CountAsync(text)).Should().Be(5000 * 1024);
        handler.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Texts_come_one_after_the_other_and_each_is_asked_for_when_it_is_needed()
    {
        ScriptedHandler handler = new(static request => ScriptedHandler.Reply(200, request.RequestUri!.Segments[^1] + "é", "text/plain"));
        using var backend = Calls.Backend(handler);

        await using var stream = await backend.OpenTextAsync([new("one"), new("two"), new("three")], TestContext.Current.CancellationToken);
        var asked = handler.Requests.Count;
        using StreamReader reader = new(stream);

        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Should().Be("oneétwoéthreeé");
        asked.Should().Be(1);
        handler.Requests.Should().HaveCount(3);
    }

    [Fact]
    public async Task No_text_is_an_empty_stream()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(500)));

        await using var stream = await backend.OpenTextAsync([], TestContext.Current.CancellationToken);

        (await CountAsync(stream)).Should().Be(0);
    }

    [Theory]
    [InlineData(403, typeof(BuildRunnerConfigurationException))]
    [InlineData(404, typeof(BuildRunnerException))]
    [InlineData(503, typeof(BuildRunnerException))]
    public async Task A_text_that_is_refused_is_an_error_wherever_it_stands(int status, Type type)
    {
        using var backend = Calls.Backend(new ScriptedHandler(request => ScriptedHandler.Reply(request.RequestUri!.Segments[^1] == "good" ? 200 : status)));

        var first = () => backend.OpenTextAsync([new("bad")]);
        var second = async () =>
        {
            await using var stream = await backend.OpenTextAsync([new("good"), new("bad")]);
            await CountAsync(stream);
        };

        (await first.Should().ThrowAsync<BuildRunnerException>()).Which.Should().BeOfType(type);
        (await second.Should().ThrowAsync<BuildRunnerException>()).Which.Should().BeOfType(type);
    }

    [Fact]
    public async Task A_line_that_breaks_is_a_transient_error_and_a_caller_who_leaves_is_told_that_he_did()
    {
        using CancellationTokenSource caller = new();
        using var backend = Calls.Backend(new ScriptedHandler(static _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream()) }));
        await using var stream = await backend.OpenTextAsync([new("log")], TestContext.Current.CancellationToken);

        var read = async () => await stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken);
        (await read.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        await caller.CancelAsync();
        var left = async () => await stream.ReadAsync(new byte[10], caller.Token);

        await left.Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData("\n")]
    [InlineData(" ")]
    public async Task A_secret_is_found_wherever_a_text_is_cut(string separator)
    {
        // So many that they lie across every cut.
        StringBuilder log = new();
        for (var length = 0; log.Length < 300_000; length = (length + 1) % 97)
        {
            log.Append('ä', length).Append(Token).Append(separator);
        }

        using var backend = Calls.Backend(
            new ScriptedHandler(_ => ScriptedHandler.Reply(200, log.ToString(), "text/plain")),
            static options => options with { Credentials = static (_, _) => new(HttpCredential.Bearer(Token)) });
        await using var stream = await backend.OpenTextAsync([new("log")], TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);

        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        text.Should().Be(log.Replace(Token, "(secret)").ToString());
    }

    [Fact]
    public async Task A_session_that_is_refused_is_renewed_for_a_text_as_well()
    {
        var given = 0;
        ScriptedHandler handler = new(static request => ScriptedHandler.Reply(request.Headers.Authorization!.Parameter == "token-2" ? 200 : 401));
        using var backend = Calls.Backend(handler, options => options with { Credentials = (_, _) => new(HttpCredential.Bearer($"token-{++given}")) });

        await using var stream = await backend.OpenTextAsync([new("log")], TestContext.Current.CancellationToken);

        (await CountAsync(stream)).Should().Be(2);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_so_for_good_and_is_asked_for_once()
    {
        ScriptedHandler handler = new(static _ => ScriptedHandler.Reply(200, $"{{\"state\":\"{new string('x', 2000)}\"}}"));
        using var backend = Calls.Backend(handler, static options => options with { MaxResponseBytes = 1000 });

        var act = () => backend.ReadAsync();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        handler.Requests.Should().ContainSingle();
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[10_000];
        var count = 0L;
        while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
        {
            count += read;
        }

        return count;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new InvalidDataException("broken");
    }
}
