using BuildRunner.Queue.Rules;

namespace BuildRunner.Orchestration.Tests.Hosting;

public sealed class ObserverOptionsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<Action<BuildObserverOptions>> UnfitObserverOptions => new(new Action<BuildObserverOptions>[]
    {
        options => options.CallTimeout = TimeSpan.Zero,
        options => options.CallTimeout = TimeSpan.FromDays(1) + Tick,
        options => options.MaxAttempts = 0,
        options => options.MaxAttempts = 1001,
        options => options.RetryDelay = -Tick,
        options => options.MaxRetryDelay = options.RetryDelay - Tick,
        options => options.MaxRetryDelay = TimeSpan.FromDays(7) + Tick,
        options => options.Concurrency = 0,
        options => options.Concurrency = 10_001,
    });

    [Theory]
    [MemberData(nameof(UnfitObserverOptions), DisableDiscoveryEnumeration = true)]
    public async Task An_option_of_observers_that_is_out_of_range_is_found_at_the_start(Action<BuildObserverOptions> configure)
    {
        var failures = await RegistrationTests.FailuresAsync(services => RegistrationTests.Add(services).AddObserver<RecordingObserver>(configure));

        failures.Should().Contain(failure => failure.OptionsType == typeof(BuildObserverOptions) && failure.Failures.Count() == 1);
    }

    [Fact]
    public void The_options_of_observers_are_those_of_the_consumer_of_changes()
    {
        var consumer = RegistrationTests.ConsumerOf("buildchange", static options =>
        {
            options.MaxAttempts = 7;
            options.RetryDelay = TimeSpan.FromSeconds(3);
            options.MaxRetryDelay = TimeSpan.FromSeconds(8);
            options.Concurrency = 4;
        });

        consumer.Policy.Should().Be(new RetryPolicy(7, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8)));
        consumer.Concurrency.Should().Be(4);
    }
}
