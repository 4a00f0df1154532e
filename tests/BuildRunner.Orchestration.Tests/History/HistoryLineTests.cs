namespace BuildRunner.Orchestration.Tests.History;

public sealed class HistoryLineTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_764_500_000_123);

    private static readonly Build Before = new()
    {
        Id = Guid.CreateVersion7(),
        Key = "build-1",
        OwnerId = "queue-1",
        Runner = "ci",
        Request = new BuildRequest { Head = [Submissions.Change] },
        CreatedAt = Now.AddMinutes(-1),
        UpdatedAt = Now,
        Deadline = Now,
    };

    [Fact]
    public void A_new_build_was_submitted()
    {
        Read(HistoryLine.OfNew(Before)).Should().Equal(new BuildEvent { At = Before.CreatedAt, Kind = BuildEventKind.Submitted });
    }

    [Fact]
    public void What_is_no_event_has_no_line()
    {
        var same = Before with { Version = 2, PassingNote = "The runner is away.", Bookkeeping = Before.Bookkeeping with { ErrorsInARow = 3, NotBefore = Now, MissingSince = Now } };

        HistoryLine.Of(Before, same, Now).Should().BeNull();
    }

    [Fact]
    public void A_build_that_waits_and_is_let_in_says_so()
    {
        var waits = Before with { Bookkeeping = Before.Bookkeeping with { Line = 50 } };
        var isIn = Before with { Bookkeeping = Before.Bookkeeping with { SlotSince = Now } };

        KindsOf(Before, waits).Should().Equal(BuildEventKind.Waiting);
        KindsOf(waits, isIn).Should().Equal(BuildEventKind.LetIn);
    }

    [Fact]
    public void A_mark_is_a_trigger_and_its_withdrawal_is_none()
    {
        var marked = Before.Marked(Now);

        KindsOf(Before, marked).Should().Equal(BuildEventKind.Triggered);
        KindsOf(marked, marked.Marked(Now.AddMinutes(1))).Should().Equal(BuildEventKind.Triggered);
        KindsOf(marked, marked.Marked(null)).Should().BeEmpty();
    }

    [Fact]
    public void An_end_that_is_a_cancel_as_well_has_both_lines()
    {
        var after = Before.Cancelling(BuildCancelCause.Superseded, "Superseded by 'build-2'.") with { Status = BuildStatus.Cancelled };

        var events = Read(HistoryLine.Of(Before, after, Now));

        events.Select(static it => (it.Kind, it.Status)).Should().Equal((BuildEventKind.Cancelling, BuildStatus.Accepted), (BuildEventKind.Ended, BuildStatus.Cancelled));
        events[0].Should().Match<BuildEvent>(static it => it.CancelCause == BuildCancelCause.Superseded && it.Note == "Superseded by 'build-2'.");
        events.Should().OnlyContain(static it => it.At == Now);
    }

    [Fact]
    public void An_attempt_that_ends_is_named_with_its_id_and_its_reason()
    {
        var running = Before with { RemoteId = new BuildId("run-1"), Status = BuildStatus.Running, LastingNote = "A note." };
        var next = running with { Attempt = 2, RemoteId = null, Status = BuildStatus.Accepted, LastingNote = "A note. Attempt 1 ended: infra." };

        Read(HistoryLine.Of(running, next, Now)).Should().Equal(new BuildEvent { At = Now, Kind = BuildEventKind.AttemptEnded, Attempt = 1, RemoteId = "run-1", Note = "Attempt 1 ended: infra." });
    }

    [Fact]
    public void A_line_is_short_and_any_text_is_kept_as_far_as_it_can_be()
    {
        var nasty = "\0\ud800\"\\\n\u2028\u00e9" + new string('x', 5000);
        var after = Before with { RemoteId = new BuildId(nasty.Replace("\ud800", "", StringComparison.Ordinal)), Status = BuildStatus.Failed, LastingNote = nasty };

        var line = HistoryLine.Of(Before, after, Now)!;

        line.Length.Should().BeLessThan(600);
        line.Should().EndWith("\n").And.NotContain("\0");
        line.Count(static character => character == '\n').Should().Be(1);
        var ended = Read(line).Should().ContainSingle().Subject;
        ended.Note.Should().StartWith("\ufffd").And.Contain("\"\\\n").And.Contain("\u00e9xxx");
        ended.RemoteId.Should().HaveLength(128);
    }

    [Fact]
    public void An_attempt_may_be_added_to_a_history_that_is_full()
    {
        var next = Before with { Attempt = 2 };

        HistoryLine.LimitOf(Before with { Status = BuildStatus.Running }, "").Should().Be(HistoryLine.MaxHistory);
        HistoryLine.LimitOf(next, HistoryLine.Of(Before, next, Now)!).Should().Be(HistoryLine.MaxHistoryOfAttempts);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void The_end_is_kept_however_many_attempts_there_were(int attempts)
    {
        var build = Before;
        var history = HistoryLine.OfNew(build);
        for (var attempt = 2; attempt <= attempts; attempt++)
        {
            Save(build with { RemoteId = new BuildId($"run-{attempt}"), Status = BuildStatus.Running });
            Save(build with { Attempt = attempt, RemoteId = null, Status = BuildStatus.Accepted, LastingNote = new string('\u0001', 500) + attempt });
        }

        Save(build.Cancelling(BuildCancelCause.Caller, new string('\u0001', 1000)) with { Status = BuildStatus.Cancelled, RemoteId = new BuildId(new string('\u0001', 200)) });

        var events = Read(history);
        events.Select(static it => it.Kind).Should().EndWith([BuildEventKind.Cancelling, BuildEventKind.Ended]);
        events[^1].Status.Should().Be(BuildStatus.Cancelled);
        history.Length.Should().BeLessThan(HistoryLine.MaxHistoryOfEnd);

        void Save(Build after)
        {
            history = HistoryLine.Of(build, after, Now) is { } lines ? HistoryLine.Append(history, after, lines) : history;
            build = after;
        }
    }

    private static IReadOnlyList<BuildEvent> Read(string? lines) => HistoryLine.Read(lines);

    private static IEnumerable<BuildEventKind> KindsOf(Build before, Build after) => Read(HistoryLine.Of(before, after, Now)).Select(static it => it.Kind);
}
