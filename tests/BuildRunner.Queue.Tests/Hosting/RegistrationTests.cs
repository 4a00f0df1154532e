using BuildRunner.Queue.Engines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BuildRunner.Queue.Tests.Hosting;

public sealed class RegistrationTests
{
    public static TheoryData<string> Mistakes => [.. Builders.Keys];

    private static Dictionary<string, Action<QueueBuilder>> Builders { get; } = new()
    {
        ["no engine"] = static _ => { },
        ["two consumers of one topic"] = static builder => builder.UseInMemory().AddConsumer<Handler>("t").AddConsumer<OtherHandler>("t"),
        ["a start that is over before it begins"] = static builder => builder.UseInMemory().Configure(static options => options.StartTimeout = TimeSpan.FromTicks(-1)),
        ["a start that waits for more than an hour"] = static builder => builder.UseInMemory().Configure(static options => options.StartTimeout = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1)),
        ["no payload"] = static builder => builder.UseInMemory().Configure(static options => options.MaxPayloadBytes = 0),
        ["no attempt"] = Consuming(static options => options.MaxAttempts = 0),
        ["negative pause"] = Consuming(static options => options.RetryDelay = TimeSpan.FromTicks(-1)),
        ["longest pause below the first"] = Consuming(static options => options.MaxRetryDelay = TimeSpan.FromMilliseconds(999)),
        ["no concurrency"] = Consuming(static options => options.Concurrency = 0),
        ["no time"] = Consuming(static options => options.HandlerTimeout = TimeSpan.Zero),
        ["too short a lease"] = Consuming(static options => options.LeaseDuration = TimeSpan.FromMilliseconds(999)),
        ["no poll"] = Consuming(static options => options.PollInterval = TimeSpan.Zero),
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_registration_is_found_when_the_host_starts(string mistake)
    {
        using var host = Build(Builders[mistake]);

        var start = () => host.StartAsync();

        (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should().ContainSingle();
    }

    [Fact]
    public async Task A_handler_that_cannot_be_made_is_found_when_the_host_starts()
    {
        using var host = Build(static builder => builder.UseInMemory().AddConsumer<NeedyHandler>("t"));

        var start = () => host.StartAsync();

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task A_queue_without_consumers_publishes()
    {
        using var host = Build(static builder => builder.UseInMemory());
        await host.StartAsync();

        (await host.Services.GetRequiredService<IPublisher>().PublishAsync("t", Consumer.MessageOf("a"))).Should().Be(PublishResult.Stored);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_queue_can_be_added_in_several_places()
    {
        using var host = Build(static builder =>
        {
            builder.UseInMemory();
            builder.Services.AddQueue().AddConsumer<Handler>("t");
        });

        await host.StartAsync();

        host.Services.GetServices<IHostedService>().Should().ContainSingle(service => service.GetType().Name == "QueueHost");
        await host.StopAsync();
    }

    [Fact]
    public void A_topic_that_cannot_be_one_is_refused_at_once()
    {
        var act = () => new ServiceCollection().AddQueue().AddConsumer<Handler>("");

        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void The_defaults_are_valid()
    {
        using var host = Build(static builder => builder.UseInMemory().AddConsumer<Handler>("t"));

        var act = () => host.Services.GetRequiredService<IStartupValidator>().Validate();

        act.Should().NotThrow();
    }

    public static TheoryData<string> Databases => [.. UnfitDatabases.Keys];

    // None of them has options that are valid, as it is with those of a program under test.
    private static Dictionary<string, Action<QueueBuilder>> UnfitDatabases { get; } = new()
    {
        ["sqlite"] = static builder => builder.UseSqlite(""),
        ["postgresql"] = static builder => builder.UsePostgreSql(""),
        ["mysql"] = static builder => builder.UseMySql(""),
    };

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task The_database_that_is_chosen_last_wins_and_nothing_is_left_of_the_one_before(string database)
    {
        using var host = Build(builder =>
        {
            UnfitDatabases[database](builder);
            builder.Services.AddQueue().UseInMemory();
        });

        await host.StartAsync();

        host.Services.GetRequiredService<IQueueEngine>().Should().BeOfType<InMemoryQueueEngine>();
        host.Services.GetService<ITransactionalPublisher>().Should().BeNull("there is no database to publish in");
        await host.StopAsync();
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_database_with_options_that_are_not_valid_is_found_when_the_host_starts(string database)
    {
        using var host = Build(builder => UnfitDatabases[database](builder));

        await host.Awaiting(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>();
    }

    private static Action<QueueBuilder> Consuming(Action<ConsumerOptions> configure) => builder => builder.UseInMemory().AddConsumer<Handler>("t", configure);

    private static IHost Build(Action<QueueBuilder> build)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        build(builder.Services.AddQueue());
        return builder.Build();
    }

    private class Handler : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken) => Task.FromResult(Outcome.Done);
    }

    private sealed class OtherHandler : Handler;

    /// <summary>A handler that lacks a service.</summary>
    private sealed class NeedyHandler(OtherHandler other) : Handler
    {
        public override string ToString() => $"{other}";
    }
}
