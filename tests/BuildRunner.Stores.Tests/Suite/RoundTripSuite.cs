namespace BuildRunner.Stores.Tests.Suite;

/// <summary>A build is read exactly as it was saved.</summary>
public abstract class RoundTripSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : StoreFixture, new()
{
    private const string Emoji = "\ud83d\ude00";

    private static readonly DateTimeOffset Last = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());

    [Fact]
    public async Task A_build_that_has_nothing_but_what_it_must_is_read_as_it_was_saved()
    {
        var build = await CreateAsync(Sample.Build());

        (await ReadAsync(build.Id)).Should().Be(build);
        (await Store.ReadAsync(build.Key, None)).Build.Should().Be(build);
    }

    [Fact]
    public async Task A_build_that_has_everything_at_its_longest_is_read_as_it_was_saved()
    {
        var build = await CreateAsync(Full());

        (await ReadAsync(build.Id)).Should().Be(build);
        (await Store.ReadAsync(build.Key, None)).Build.Should().Be(build);
        (await Store.ReadAsync(build.Runner, build.RemoteId!.Value, None)).Build.Should().Be(build);
    }

    [Fact]
    public async Task An_update_writes_everything_that_can_change_and_takes_it_back()
    {
        var build = await CreateAsync(Sample.Build());
        var full = Full() with { Id = build.Id, Key = build.Key, OwnerId = build.OwnerId, Runner = build.Runner, Request = build.Request, CreatedAt = build.CreatedAt, Priority = build.Priority, Tag = build.Tag, GroupKey = build.GroupKey, Policy = build.Policy, Version = 2 };

        (await Store.TryUpdateAsync(full, [], None)).Should().BeTrue();
        (await ReadAsync(build.Id)).Should().Be(full);
        (await Store.TryUpdateAsync(build with { Version = 3 }, [], None)).Should().BeTrue();
        (await ReadAsync(build.Id)).Should().Be(build with { Version = 3 });
    }

    [Fact]
    public async Task A_later_attempt_is_read_with_its_key()
    {
        var build = await CreateAsync(Sample.Build());
        var second = build with { Attempt = 2, Version = 2, Request = build.Request with { TriggerKey = $"{build.Id}-2" } };

        (await Store.TryUpdateAsync(second, [], None)).Should().BeTrue();

        (await ReadAsync(build.Id)).Should().Be(second);
    }

    [Fact]
    public async Task The_order_of_metadata_is_kept()
    {
        var build = await CreateAsync(Sample.Build() with { Metadata = [new("z", "1"), new("a", "2"), new("m", "3")] });

        (await ReadAsync(build.Id))!.Metadata.Keys.Should().Equal("z", "a", "m");
    }

    [Theory]
    [MemberData(nameof(Sample.HostileTexts), MemberType = typeof(Sample))]
    public async Task A_hostile_text_is_a_text(string text)
    {
        var build = await CreateAsync(Sample.Build(text, text, text) with
        {
            RemoteId = new BuildId(text + "x"),
            Metadata = [new(text, text)],
            Note = text,
            Request = new BuildRequest { Metadata = [new(text, text)] },
        });

        (await ReadAsync(build.Id)).Should().Be(build);
        (await Store.ReadAsync(text, None)).Build.Should().Be(build);
        (await Store.ReadAsync(text, new BuildId(text + "x"), None)).Build.Should().Be(build);
        (await Store.ListAsync(new BuildQuery { OwnerId = text }, None)).Builds.Should().Equal(build);
    }

    [Fact]
    public async Task What_a_runner_says_may_have_what_no_column_can_have()
    {
        var build = await CreateAsync(Sample.Build() with
        {
            RemoteId = new BuildId("a\0b\\u0000"),
            Metadata = [new("a\0b", "\0")],
            Note = "\0 and \ud800 and \udc00\ud800 and \\ud800 and \\",
        });

        (await ReadAsync(build.Id)).Should().Be(build);
        (await Store.ReadAsync(build.Runner, build.RemoteId!.Value, None)).Build.Should().Be(build);
    }

    [Fact]
    public async Task What_no_build_can_have_is_not_found()
    {
        await CreateAsync(Sample.Build("a") with { RemoteId = new BuildId("1") });

        foreach (var text in new[] { "", "\0", "a\0", "\ud800", "\udc00a" })
        {
            (await Store.ReadAsync(text, None)).Build.Should().BeNull();
            (await Store.ReadAsync(text, new BuildId("1"), None)).Build.Should().BeNull();
            (await Store.ListAsync(new BuildQuery { OwnerId = text }, None)).Builds.Should().BeEmpty();
        }

        (await Store.ReadAsync("ci", default, None)).Build.Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Texts.Different), MemberType = typeof(Texts))]
    public async Task Texts_that_differ_are_different(string one, string other)
    {
        await CreateAsync(Sample.Build(one, one, one) with { RemoteId = new BuildId("x" + one) });

        (await Store.ReadAsync(other, None)).Build.Should().BeNull();
        (await Store.ReadAsync(other, new BuildId("x" + one), None)).Build.Should().BeNull();
        (await Store.ReadAsync(one, new BuildId("x" + other), None)).Build.Should().BeNull();
        (await Store.ListAsync(new BuildQuery { OwnerId = other }, None)).Builds.Should().BeEmpty();
        (await Store.TryCreateAsync(Sample.Build(other), [], None)).Should().BeTrue();
    }

    [Fact]
    public async Task Of_builds_with_one_id_of_the_runner_the_last_is_read_and_those_of_other_runners_are_not()
    {
        BuildId id = new("1");
        var first = await CreateAsync(Sample.Build("first") with { Id = Guid.Parse("00000000-0000-7000-8000-0000000000ff"), RemoteId = id });
        var last = await CreateAsync(Sample.Build("last") with { Id = Guid.Parse("00000000-0001-7000-8000-000000000000"), RemoteId = id });
        await CreateAsync(Sample.Build("other", runner: "other") with { RemoteId = id });

        (await Store.ReadAsync("ci", id, None)).Build.Should().Be(last);
        (await Store.TryUpdateAsync(first.Next(), [], None)).Should().BeTrue();
        (await Store.ReadAsync("ci", id, None)).Build.Should().Be(last);
    }

    [Fact]
    public async Task A_build_that_there_is_not_is_not_found()
    {
        (await ReadAsync(Guid.NewGuid())).Should().BeNull();
        (await Store.ReadAsync("key", None)).Build.Should().BeNull();
        (await Store.ReadAsync("ci", new BuildId("1"), None)).Build.Should().BeNull();
    }

    [Fact]
    public async Task The_time_is_that_of_the_queue()
    {
        var build = await CreateAsync(Sample.Build());
        await Fixture.Queue.AdvanceAsync(TimeSpan.FromHours(1));

        (await Store.ReadAsync(build.Id, None)).Now.Should().Be(EngineFixture.Start + TimeSpan.FromHours(1));
        (await Store.ReadAsync("none", None)).Now.Should().Be(EngineFixture.Start + TimeSpan.FromHours(1));
        await Fixture.Queue.AdvanceAsync(TimeSpan.FromTicks((19 * TimeSpan.TicksPerMillisecond) / 10));
        (await Store.ReadAsync("ci", new BuildId("1"), None)).Now.Should().Be(EngineFixture.Start + TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(1), "whole milliseconds have passed");
    }

    private static Build Full()
    {
        var key = string.Concat(Enumerable.Repeat(Emoji, 127)) + " ";
        return Sample.Build(key, key, new string('\uffff', BuildSubmission.MaxRunnerLength)) with
        {
            Request = new BuildRequest
            {
                Base = [new Change(["git://host/repo/1", "git://host/repo/\u00e9" + Emoji]), new Change("git://host/repo/2")],
                Head = [.. Enumerable.Range(0, 200).Select(i => new Change($"git://host/repo/{i}"))],
                Metadata = [new(Emoji, new string('"', 10_000)), new("", "\0")],
                TriggerKey = new string('\u00e9', 255),
            },
            Status = BuildStatus.Cancelled,
            RemoteId = new BuildId(string.Concat(Enumerable.Repeat(Emoji + "\\", 20_000))),
            Metadata = [new("log", string.Concat(Enumerable.Repeat("line\n" + Emoji, 20_000)))],
            Note = string.Concat(Enumerable.Repeat(Emoji + " note ", 50_000)),
            CancelCause = BuildCancelCause.DeadLetter,
            CreatedAt = DateTimeOffset.MinValue,
            UpdatedAt = Last,
            StartedAt = DateTimeOffset.UnixEpoch,
            EndedAt = Last,
            Deadline = Last,
            PassingNote = "a\0b\\" + Emoji,
            Bookkeeping = new()
            {
                GraceEndsAt = Last,
                LastCallEndsAt = Last.AddMilliseconds(-1),
                TriggerAttemptedAt = DateTimeOffset.UnixEpoch,
                ErrorsInARow = int.MaxValue,
                MissingSince = DateTimeOffset.MinValue,
                NotBefore = DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(1),
                TimeoutOf = TimeoutOf.Run,
                SettledAt = Last,
                Line = BuildSubmission.MaxPriority,
                SlotSince = Last,
                HeldBefore = TimeSpan.FromDays(365),
            },
            CancelReason = "\0" + Emoji,
            Priority = 0,
            Tag = key,
            GroupKey = key,
            AcceptedAt = Last,
            Policy = new() { Timeout = BuildSubmission.MaxTimeout, PendingTimeout = BuildSubmission.MinLimit, RunTimeout = TimeSpan.FromMilliseconds(1001), Retry = new() { MaxAttempts = 3, Kinds = RetryKinds.Code } },
            Version = 1,
        };
    }
}
