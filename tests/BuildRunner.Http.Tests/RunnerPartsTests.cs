using System.Text;
using BuildRunner.Http.Runners;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Http.Tests;

/// <summary>What the runners of this repository have in common: inputs, ids, and what is known of a build.</summary>
public sealed class RunnerPartsTests
{
    private const string Commit = "0B5E2A9C7D8F4E3A2B1C0D9E8F7A6B5C4D3E2F10";

    [Fact]
    public void The_token_of_a_key_is_the_same_everywhere()
    {
        // By the sha256sum of coreutils.
        BuildInput.TokenOf("merge-queue/42").Should().Be("br-234e5c90662e4f6739fda1292a68c92f");
        BuildInput.Of(Request("merge-queue/42"), ChangesForm.Document).Token.Should().Be(BuildInput.TokenOf("merge-queue/42"));
    }

    [Fact]
    public void A_request_without_a_key_has_a_token_of_its_own()
    {
        var one = BuildInput.Of(Request(key: null), ChangesForm.Document);
        var other = BuildInput.Of(Request(key: null), ChangesForm.Document);

        one.Token.Should().MatchRegex("^br-[0-9a-f]{32}$").And.NotBe(other.Token);
    }

    [Fact]
    public void What_is_built_has_neither_key_nor_metadata_and_is_not_escaped()
    {
        var input = BuildInput.Of(Request("one") with { Metadata = [new("a", "$b")] }, ChangesForm.Document, escaped: "$");

        input.Merged.Should().BeNull();
        input.Document.Should().Contain("one").And.Contain("\\u0024b").And.NotContain("$");
        RequestDocument.Read(input.Document)!.Metadata["a"].Should().Be("$b");
        input.Subject.Should().Be(BuildInput.Of(Request("two"), ChangesForm.Document).Subject)
            .And.NotBe(BuildInput.Of(Request("two", "test:other"), ChangesForm.Document).Subject);
    }

    [Fact]
    public void A_merged_commit_is_what_is_built()
    {
        var request = Request("one", $"git://git.test/shop/refs%2Fheads%2Fx/{Commit}");

        var input = BuildInput.Of(request, ChangesForm.Merged);

        (input.Document, input.Merged!.Branch, input.Subject).Should().Be((null, "x", Commit.ToLowerInvariant()));
        FluentActions.Invoking(() => BuildInput.Of(Request("one"), ChangesForm.Merged)).Should().ThrowExactly<BuildRunnerException>();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"head\":7}")]
    [InlineData("not JSON")]
    public void A_text_that_is_no_document_is_no_request(string? text) => RequestDocument.Read(text).Should().BeNull();

    [Theory]
    [InlineData("{\"state\":\"x\"}", "x")]
    [InlineData("{\"state\":", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public void The_JSON_of_a_stranger_is_read_or_is_none(string text, string? state) =>
        HttpJson.Read(Encoding.UTF8.GetBytes(text), RowJson.Default.Row)?.State.Should().Be(state);

    [Fact]
    public void A_header_is_found_in_any_case()
    {
        Dictionary<string, string> headers = new() { ["X-GITLAB-token"] = "x" };

        WebhookSignature.HeaderOf(headers, "X-Gitlab-Token").Should().Be("x");
        WebhookSignature.HeaderOf(headers, "X-Gitlab").Should().BeNull();
    }

    [Theory]
    [InlineData("31000000001", 31_000_000_001, null)]
    [InlineData("7-0b5e2a9c7d8f4e3a", 7, "0b5e2a9c7d8f4e3a")]
    public void An_id_is_a_number_and_the_beginning_of_a_commit(string text, long number, string? revision)
    {
        var id = NumberedId.Parse(new BuildId(text));

        (id.Number, id.Revision, id.BuildId.Value).Should().Be((number, revision, text));
        id.IsOf(Commit).Should().BeTrue();
        id.IsOf("1" + Commit[1..]).Should().Be(revision is null);
        id.IsOf(null).Should().Be(revision is null);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-7")]
    [InlineData("7/../8")]
    [InlineData("7?x")]
    [InlineData("7-0B5E2A9C7D8F4E3A")]
    [InlineData("7-0b5e2a9c7d8f4e3")]
    [InlineData("9999999999999999999")]
    [InlineData("7\n")]
    public void Another_text_is_no_id(string text) =>
        FluentActions.Invoking(() => NumberedId.Parse(new BuildId(text))).Should().ThrowExactly<BuildNotFoundException>();

    [Fact]
    public void The_first_end_and_the_first_cancel_stay()
    {
        FakeTimeProvider time = new();
        KnownBuild build = new();
        BuildSnapshot first = new() { Status = BuildStatus.Failed };

        build.End(first).Should().BeSameAs(first);
        build.End(new BuildSnapshot { Status = BuildStatus.Succeeded }).Should().BeSameAs(first);
        build.Final.Should().BeSameAs(first);
        build.TimeSinceCancel(time).Should().Be(TimeSpan.Zero);
        build.NoteCancel(time);
        time.Advance(TimeSpan.FromSeconds(9));
        build.NoteCancel(time);
        build.TimeSinceCancel(time).Should().Be(TimeSpan.FromSeconds(9));
    }

    [Fact]
    public void A_build_is_new_for_a_minute_where_it_was_created()
    {
        FakeTimeProvider time = new();
        KnownBuild build = new();

        build.IsNew(time).Should().BeFalse();
        build.NoteCreate(time);
        build.IsNew(time).Should().BeTrue();
        time.Advance(TimeSpan.FromMinutes(1));
        build.IsNew(time).Should().BeFalse();
    }

    [Fact]
    public async Task A_trigger_is_open_until_its_outcome_is_known()
    {
        OpenTriggers triggers = new();
        var refused = Task.FromException<BuildId>(new BuildRunnerException("x"));
        var unknown = Task.FromException<BuildId>(new TriggerOutcomeUnknownException("x"));

        triggers.TryBegin("a").Should().BeTrue();
        triggers.TryBegin("a").Should().BeFalse();
        await triggers.RunAsync("a", Task.FromResult(new BuildId("7")));
        triggers.TryBegin("a").Should().BeTrue();
        await FluentActions.Awaiting(() => triggers.RunAsync("a", refused)).Should().ThrowExactlyAsync<BuildRunnerException>();
        triggers.TryBegin("a").Should().BeTrue();
        await FluentActions.Awaiting(() => triggers.RunAsync("a", unknown)).Should().ThrowAsync<TriggerOutcomeUnknownException>();
        triggers.TryBegin("a").Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_says_nothing_about_another_trigger_of_the_key_whose_outcome_is_unknown(bool isEarlier)
    {
        OpenTriggers triggers = new();
        triggers.TryBegin("a");
        triggers.TryBegin("a").Should().BeFalse();
        var refuse = () => triggers.RunAsync("a", Task.FromException<BuildId>(new BuildRunnerException("x")));
        var lose = () => triggers.RunAsync("a", Task.FromCanceled<BuildId>(new CancellationToken(canceled: true)));

        foreach (var run in isEarlier ? new[] { refuse, lose } : [lose, refuse])
        {
            await run.Should().ThrowAsync<Exception>();
        }

        triggers.TryBegin("a").Should().BeFalse();
    }

    private static BuildRequest Request(string? key, string change = "test:x") => new() { Head = [new Change(change)], TriggerKey = key };
}
