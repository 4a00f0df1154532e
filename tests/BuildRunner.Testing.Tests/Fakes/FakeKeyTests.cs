namespace BuildRunner.Testing.Tests;

/// <summary>The use of trigger keys.</summary>
public sealed class FakeKeyTests : FakeTestBase
{
    [Fact]
    public async Task The_same_key_is_the_same_build()
    {
        var first = await Runner.TriggerAsync(Keyed("one"));
        var again = await Runner.TriggerAsync(Keyed("one"));
        var other = await Runner.TriggerAsync(Keyed("two"));

        again.Should().Be(first);
        other.Should().NotBe(first);
        Runner.CreatedBuilds.Should().Be(2);
        Runner.Triggers.Select(trigger => trigger.BuildId).Should().Equal(first, first, other);
    }

    [Fact]
    public async Task Keys_are_told_apart_by_case()
    {
        var lower = await Runner.TriggerAsync(Keyed("one"));
        var upper = await Runner.TriggerAsync(Keyed("ONE"));

        upper.Should().NotBe(lower);
    }

    [Fact]
    public async Task Other_metadata_does_not_make_another_build()
    {
        var first = await Runner.TriggerAsync(Keyed("one"));

        var again = await Runner.TriggerAsync(Keyed("one") with { Metadata = [new("attempt", "2")] });

        again.Should().Be(first);
        (await Runner.StatusAsync(first)).Metadata.Should().Be(BuildMetadata.Empty);
    }

    public static TheoryData<string> Others => ["base", "head", "order"];

    [Theory]
    [MemberData(nameof(Others))]
    public async Task The_same_key_with_another_body_is_refused(string what)
    {
        BuildRequest request = new() { Base = [First], Head = [First, Second], TriggerKey = "one" };
        var first = await Runner.TriggerAsync(request);
        var other = what switch
        {
            "base" => request with { Base = [Second] },
            "head" => request with { Head = [First] },
            _ => request with { Head = [Second, First] },
        };

        var exception = (await FluentActions.Awaiting(() => Runner.TriggerAsync(other)).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        (exception.IsTransient, exception.BuildId).Should().Be((false, first));
        Runner.CreatedBuilds.Should().Be(1);
    }

    [Fact]
    public async Task An_ended_build_keeps_its_key()
    {
        Runner.NextBuild(FakeBuild.Fails(after: Minute));
        var first = await Runner.TriggerAsync(Keyed("one"));
        Clock.Advance(Minute);

        (await Runner.TriggerAsync(Keyed("one"))).Should().Be(first);
    }

    [Fact]
    public async Task A_build_that_has_vanished_frees_its_key()
    {
        Runner.NextBuild(FakeBuild.Succeeds() with { VanishesAfter = Minute });
        var first = await Runner.TriggerAsync(Keyed("one"));
        Clock.Advance(Minute);

        var found = await Runner.FindAsync("one");
        var second = await Runner.TriggerAsync(Keyed("one") with { Head = [Second] });

        found.Should().BeNull();
        second.Should().NotBe(first);
        (await Runner.FindAsync("one")).Should().Be(second);
    }

    [Fact]
    public async Task A_key_is_found_also_after_a_restart_and_after_a_lost_answer()
    {
        Runner.NextTrigger(FakeFailure.AnswerLost());
        await FluentActions.Awaiting(() => Runner.TriggerAsync(Keyed("one"))).Should().ThrowAsync<TriggerOutcomeUnknownException>();
        var restarted = Runner.Restart();

        var found = await restarted.As<IBuildFinder>()!.FindAsync("one");
        var again = await restarted.TriggerAsync(Keyed("one"));

        found.Should().Be(again);
        (await restarted.FindAsync("never")).Should().BeNull();
        restarted.CreatedBuilds.Should().Be(1);
    }

    [Fact]
    public async Task A_build_that_was_found_does_not_use_up_a_script()
    {
        await Runner.TriggerAsync(Keyed("one"));
        Runner.NextBuild(FakeBuild.Fails());

        await Runner.TriggerAsync(Keyed("one"));
        var other = await TriggerAsync();

        (await StatusAsync(other)).Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task No_key_is_never_the_same_build()
    {
        (await TriggerAsync()).Should().NotBe(await TriggerAsync());
    }
}
