namespace BuildRunner.Tests.Builds;

public sealed class BuildRunnerExceptionTests
{
    private static readonly InvalidOperationException Cause = new();

    public static TheoryData<Type> Types => [typeof(BuildRunnerException), typeof(BuildNotFoundException), typeof(TriggerOutcomeUnknownException), typeof(BuildRunnerConfigurationException)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Without_arguments_it_says_something_and_knows_nothing(Type type)
    {
        var exception = (BuildRunnerException)Activator.CreateInstance(type)!;

        exception.Message.Should().NotBeNullOrWhiteSpace().And.NotContain(type.Name);
        exception.InnerException.Should().BeNull();
        exception.BuildId.Should().BeNull();
        exception.IsTransient.Should().BeFalse();
        exception.RetryAfter.Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_message_and_a_cause_are_kept(Type type)
    {
        var withMessage = (BuildRunnerException)Activator.CreateInstance(type, "The queue is full.")!;
        var withCause = (BuildRunnerException)Activator.CreateInstance(type, "The queue is full.", Cause)!;

        withMessage.Message.Should().Be("The queue is full.");
        withMessage.InnerException.Should().BeNull();
        withCause.Message.Should().Be("The queue is full.");
        withCause.InnerException.Should().BeSameAs(Cause);
    }

    [Fact]
    public void What_the_runner_knows_is_kept()
    {
        var exception = new BuildRunnerException("Busy.") { BuildId = new("ci-7"), IsTransient = true, RetryAfter = TimeSpan.FromSeconds(-3) };

        exception.BuildId.Should().Be(new BuildId("ci-7"));
        exception.IsTransient.Should().BeTrue();
        exception.RetryAfter.Should().Be(TimeSpan.FromSeconds(-3));
    }

    [Fact]
    public void A_build_that_was_not_found_is_named()
    {
        var exception = new BuildNotFoundException(new BuildId("ci-7"));

        exception.BuildId.Should().Be(new BuildId("ci-7"));
        exception.Message.Should().NotBeNullOrWhiteSpace();
        exception.IsTransient.Should().BeFalse();
    }

    [Fact]
    public void A_default_id_that_was_not_found_does_no_harm()
    {
        new BuildNotFoundException(default(BuildId)).BuildId.Should().BeNull();
    }

    [Fact]
    public void An_unknown_outcome_of_a_trigger_can_never_be_transient()
    {
        var act = () => new TriggerOutcomeUnknownException("Lost.") { IsTransient = true };

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("value");
        new TriggerOutcomeUnknownException("Lost.") { IsTransient = false }.IsTransient.Should().BeFalse();
    }

    [Fact]
    public void A_faulty_setup_can_never_be_transient()
    {
        var act = () => new BuildRunnerConfigurationException("No permission.") { IsTransient = true };

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("value");
        new BuildRunnerConfigurationException("No permission.") { IsTransient = false }.IsTransient.Should().BeFalse();
    }

    [Fact]
    public void There_are_no_other_subclasses()
    {
        var subclasses = typeof(BuildRunnerException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(BuildRunnerException)));

        subclasses.Should().BeEquivalentTo(new[] { typeof(BuildNotFoundException), typeof(TriggerOutcomeUnknownException), typeof(BuildRunnerConfigurationException) });
    }
}
