using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Tests.Hosting;

public sealed class RegistrationTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<Action<BuildRunnerOptions>> UnfitRunnerOptions => new(new Action<BuildRunnerOptions>[]
    {
        options => options.AcceptedPollDelay = TimeSpan.Zero,
        options => options.AcceptedPollDelay = TimeSpan.FromHours(1) + Tick,
        options => options.RunningPollDelay = TimeSpan.Zero,
        options => options.RunningPollDelay = TimeSpan.FromHours(1) + Tick,
        options => options.Concurrency = 0,
        options => options.Concurrency = 10_001,
        options => options.CallsPerSecond = 0,
        options => options.CallsPerSecond = 0.00009,
        options => options.CallsPerSecond = double.NaN,
        options => options.CallsPerSecond = 1_000_001,
        options => options.TriggerTimeout = TimeSpan.Zero,
        options =>
        {
            options.TriggerTimeout = TimeSpan.FromDays(1) + Tick;
            options.Grace = TimeSpan.FromDays(30);
        },
        options => options.CallTimeout = TimeSpan.Zero,
        options => options.CallTimeout = TimeSpan.FromDays(1) + Tick,
        options => options.Grace = 2 * options.TriggerTimeout,
        options => options.Grace = TimeSpan.FromDays(30) + Tick,
        options => options.MissingGrace = -Tick,
        options => options.MissingGrace = TimeSpan.FromDays(30) + Tick,
        options => options.RetryDelay = TimeSpan.Zero,
        options => options.MaxRetryDelay = options.RetryDelay - Tick,
        options => options.MaxRetryDelay = TimeSpan.FromDays(1) + Tick,
        options => options.Timeout = TimeSpan.FromSeconds(1) - Tick,
        options => options.PendingTimeout = TimeSpan.FromDays(365) + Tick,
        options => options.RunTimeout = TimeSpan.Zero,
        options => options.Retry = null!,
        options => options.Retry = new() { MaxAttempts = 101 },
        options => options.Retry = new() { Kinds = (RetryKinds)16 },
        options => options.Retry = new() { Delay = -Tick },
        options => options.Retry = new() { MaxDelay = TimeSpan.FromSeconds(30) - Tick },
        options => options.Retry = new() { BudgetPerHour = -1 },
        options => options.SettleDelay = TimeSpan.FromHours(1) + Tick,
        options => options.MaxInFlight = 0,
        options => options.MaxInFlight = 100_001,
        options => options.MinInterval = -Tick,
        options => options.CooldownAfter = 0,
        options => options.Cooldown = TimeSpan.FromSeconds(1) - Tick,
        options => options.PriorityAgeing = TimeSpan.FromDays(30) + Tick,
    });

    public static TheoryData<Action<BuildOrchestrationOptions>> UnfitOptions => new(new Action<BuildOrchestrationOptions>[]
    {
        options => options.DefaultTimeout = TimeSpan.Zero,
        options => options.DefaultTimeout = TimeSpan.FromDays(365) + Tick,
        options => options.Retention = TimeSpan.FromDays(1) - Tick,
        options => options.Retention = TimeSpan.FromDays(3650) + Tick,
    });

    [Fact]
    public async Task What_fits_starts()
    {
        var failures = await FailuresAsync(services => Add(services).AddRunner("ci", options =>
        {
            options.Grace = (2 * options.TriggerTimeout) + Tick;
            options.CallsPerSecond = null;
            options.MissingGrace = TimeSpan.Zero;
        }));

        failures.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(UnfitRunnerOptions), DisableDiscoveryEnumeration = true)]
    public async Task An_option_of_a_runner_that_is_out_of_range_is_found_at_the_start(Action<BuildRunnerOptions> configure)
    {
        var failures = await FailuresAsync(services => Add(services).AddRunner("ci", configure));

        failures.Should().Contain(failure => failure.OptionsType == typeof(BuildRunnerOptions) && failure.OptionsName == "ci" && failure.Failures.Count() == 1);
    }

    [Theory]
    [MemberData(nameof(UnfitOptions), DisableDiscoveryEnumeration = true)]
    public async Task An_option_of_all_builds_that_is_out_of_range_is_found_at_the_start(Action<BuildOrchestrationOptions> configure)
    {
        var failures = await FailuresAsync(services => Add(services).Configure(configure));

        failures.Should().Contain(failure => failure.OptionsType == typeof(BuildOrchestrationOptions) && failure.Failures.Count() == 1);
    }

    [Fact]
    public async Task A_pause_after_an_error_of_more_than_a_day_is_found_at_the_start()
    {
        var failures = await FailuresAsync(services => Add(services).AddRunner("ci", options => (options.RetryDelay, options.MaxRetryDelay) = (TimeSpan.FromDays(1) + Tick, TimeSpan.FromDays(1) + Tick)));

        failures.Should().Contain(failure => failure.OptionsType == typeof(BuildRunnerOptions) && failure.Failures.Count() == 2, "the longest is too long then too");
    }

    [Fact]
    public async Task The_greatest_options_start()
    {
        var failures = await FailuresAsync(services => Add(services)
            .AddRunner("ci", options =>
            {
                options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromHours(1);
                options.Concurrency = 10_000;
                options.CallsPerSecond = 1_000_000;
                options.TriggerTimeout = options.CallTimeout = TimeSpan.FromDays(1);
                options.Grace = options.MissingGrace = TimeSpan.FromDays(30);
                options.RetryDelay = options.MaxRetryDelay = TimeSpan.FromDays(1);
            })
            .AddObserver<RecordingObserver>(options => options.CallTimeout = TimeSpan.FromDays(1))
            .Configure(options =>
            {
                options.DefaultTimeout = TimeSpan.FromDays(365);
                options.Retention = TimeSpan.FromDays(3650);
            }));

        failures.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(6, 1)]
    [InlineData(14, 0.5)]
    public void Many_observers_have_less_time_each(int observers, double days)
    {
        var longest = BuildObserverOptionsValidator.LongestCall(observers);

        longest.Should().BeCloseTo(TimeSpan.FromDays(days), TimeSpan.FromMinutes(1));
        BuildObserverOptionsValidator.LongestStep(new BuildObserverOptions { CallTimeout = longest }, observers).Should().BeLessThanOrEqualTo(TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task A_runner_that_is_not_registered_is_found_at_the_start()
    {
        var failures = await FailuresAsync(services => Add(services).AddRunner("another"));

        failures.Should().NotBeEmpty().And.OnlyContain(failure => failure.OptionsType == typeof(BuildOrchestrationOptions));
    }

    [Fact]
    public async Task A_runner_that_is_added_twice_is_found_at_the_start_and_nothing_is_said_of_consumers()
    {
        var failures = await FailuresAsync(services => Add(services).AddRunner("ci").AddRunner("ci"));

        failures.Should().ContainSingle().Which.Should().Match<OptionsValidationException>(failure => failure.OptionsType == typeof(BuildOrchestrationOptions) && failure.Failures.Single().Contains("'ci'"));
    }

    [Theory]
    [InlineData("build.ci")]
    [InlineData("buildsignal.ci")]
    [InlineData("build.ci_dlq")]
    [InlineData("buildsignal.ci_dlq")]
    [InlineData("buildchange")]
    public async Task A_handler_that_would_be_cut_off_before_its_calls_are_over_is_found_at_the_start(string topic)
    {
        var failures = await FailuresAsync(services =>
        {
            Add(services).AddRunner("ci").AddObserver<RecordingObserver>();
            services.Configure<ConsumerOptions>(topic, options => options.HandlerTimeout = TimeSpan.FromMinutes(1));
        });

        failures.Should().ContainSingle().Which.Should().Match<OptionsValidationException>(failure => failure.OptionsType == typeof(ConsumerOptions) && failure.OptionsName == topic);
    }

    [Fact]
    public async Task An_engine_that_has_no_store_is_found_at_the_start()
    {
        using var host = StageHost.Create(services =>
        {
            services.AddQueue().UseEngine(_ => Substitute.For<IQueueEngine>());
            services.AddKeyedNoopBuildRunner("ci").AddBuildOrchestration().AddRunner("ci");
        });

        await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task A_store_of_the_program_wins_whenever_it_is_registered()
    {
        var store = Substitute.For<IBuildStore>();
        foreach (var isFirst in new[] { true, false })
        {
            using var host = StageHost.Create(services =>
            {
                services = isFirst ? services.AddSingleton(store) : services;
                Add(services).AddRunner("ci");
                services = isFirst ? services : services.AddSingleton(store);
            });
            await host.StartAsync();

            host.Services.GetRequiredService<IBuildStore>().Should().BeSameAs(store);
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task The_consumers_of_a_runner_take_its_concurrency_and_its_longest_step()
    {
        using var host = StageHost.Create(services => Add(services).AddRunner("ci", options =>
        {
            options.Concurrency = 3;
            options.TriggerTimeout = TimeSpan.FromMinutes(1);
        }));
        await host.StartAsync();

        var consumer = host.Services.GetRequiredService<IOptionsMonitor<ConsumerOptions>>().Get("buildsignal.ci");

        consumer.Concurrency.Should().Be(3);
        consumer.HandlerTimeout.Should().BeGreaterThan(TimeSpan.FromMinutes(2));
        await host.StopAsync();
    }

    [Theory]
    [InlineData("build.ci", 0.5)]
    [InlineData("buildsignal.ci", 0.5)]
    [InlineData("buildchange", 8)]
    public void A_message_that_fails_again_and_again_becomes_a_dead_letter_after_the_time_that_is_said_on_average(string topic, double hours)
    {
        var policy = ConsumerOf(topic, static _ => { }).Policy;

        var average = Enumerable.Range(1, policy.MaxAttempts - 1).Sum(failures => policy.DelayAfter(failures, 0.5).TotalHours);

        average.Should().BeInRange(0.9 * hours, 1.1 * hours);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_leaves_changes_to_others_warns_of_it_at_its_start(bool isWarned)
    {
        using RecordedLog log = new();
        using var host = StageHost.Create(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            var stage = Add(services).AddRunner("ci");
            _ = isWarned ? stage : stage.IgnoreChanges();
        });

        await host.StartAsync();
        await host.StopAsync();

        log.Entries.Count(static entry => entry.Level == LogLevel.Warning).Should().Be(isWarned ? 1 : 0);
    }

    [Fact]
    public void A_change_has_the_time_of_all_its_observers_together()
    {
        var consumer = ConsumerOf("buildchange", static options => options.CallTimeout = TimeSpan.FromHours(1));

        consumer.HandlerTimeout.Should().BeGreaterThan(TimeSpan.FromHours(2)).And.BeLessThan(TimeSpan.FromHours(2.1));
    }

    // As a program has it, with two observers.
    internal static ConsumerOptions ConsumerOf(string topic, Action<BuildObserverOptions> configure)
    {
        using var host = StageHost.Create(services => Add(services).AddRunner("ci").AddObserver<RecordingObserver>(configure).AddObserver<EndObserver>());
        return host.Services.GetRequiredService<IOptionsMonitor<ConsumerOptions>>().Get(topic);
    }

    internal static BuildOrchestrationBuilder Add(IServiceCollection services) => services.AddKeyedNoopBuildRunner("ci").AddBuildOrchestration().UseInMemory();

    internal static async Task<IReadOnlyList<OptionsValidationException>> FailuresAsync(Action<IServiceCollection> configure)
    {
        using var host = StageHost.Create(configure);
        try
        {
            await host.StartAsync();
            await host.StopAsync();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [exception];
        }
        catch (AggregateException exception)
        {
            return [.. exception.Flatten().InnerExceptions.Cast<OptionsValidationException>()];
        }
    }
}
