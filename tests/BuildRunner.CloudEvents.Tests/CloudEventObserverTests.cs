using System.Collections.Concurrent;
using BuildRunner.Orchestration;
using BuildRunner.Testing;
using CloudNative.CloudEvents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.CloudEvents.Tests;

public sealed class CloudEventObserverTests
{
    private static readonly Uri Source = new("https://queue.example.com/");

    private readonly ConcurrentQueue<string> _published = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures = 1;

    [Fact(Timeout = 600_000)]
    public async Task An_event_that_could_not_be_published_is_published_again_in_order()
    {
        var token = TestContext.Current.CancellationToken;
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddKeyedSingleton<IBuildRunner>("ci", new FakeBuildRunner());
        builder.Services.AddSingleton(_published);
        builder.Services.AddBuildOrchestration().UseInMemory()
            .AddRunner("ci")
            .AddCloudEvents(Source, PublishAsync)
            .AddObserver<Other>(static options => (options.RetryDelay, options.MaxRetryDelay) = (TimeSpan.Zero, TimeSpan.Zero));
        using var host = builder.Build();
        await host.StartAsync(token);

        var build = await host.Services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(
            new BuildSubmission
            {
                Key = "shop/pull/12",
                OwnerId = "shop",
                Runner = "ci",
                Request = new BuildRequest { Head = [new Change("github://github.com/acme/shop/pull/12/0b5e2a9c")] },
            },
            token);
        await _finished.Task.WaitAsync(token);
        await host.StopAsync(token);

        // The first try failed, so there is one more than different events.
        var distinct = _published.Distinct().ToList();
        _published.Should().HaveCountGreaterThan(distinct.Count);
        distinct.Should().BeSubsetOf([$"{build.Id}/1/queued", $"{build.Id}/1/started", $"{build.Id}/1/finished"]);
        distinct[^1].Should().Be($"{build.Id}/1/finished");
    }

    [Fact]
    public void A_missing_argument_is_refused()
    {
        var builder = new ServiceCollection().AddBuildOrchestration();
        Action[] acts =
        [
            static () => ((BuildOrchestrationBuilder)null!).AddCloudEvents(Source, static (_, _, _) => Task.CompletedTask),
            () => builder.AddCloudEvents(null!, static (_, _, _) => Task.CompletedTask),
            () => builder.AddCloudEvents(Source, null!),
        ];

        acts.Should().AllSatisfy(static act => act.Should().ThrowExactly<ArgumentNullException>());
    }

    [Fact]
    public void An_empty_source_is_refused()
    {
        var act = static () => new ServiceCollection().AddBuildOrchestration()
            .AddCloudEvents(new Uri("", UriKind.Relative), static (_, _, _) => Task.CompletedTask);

        act.Should().ThrowExactly<ArgumentException>().WithParameterName("source");
    }

    [Fact]
    public void A_second_call_is_refused()
    {
        var builder = new ServiceCollection().AddBuildOrchestration().AddCloudEvents(Source, static (_, _, _) => Task.CompletedTask);

        var act = () => builder.AddCloudEvents(Source, static (_, _, _) => Task.CompletedTask);

        act.Should().ThrowExactly<InvalidOperationException>();
    }

    [Fact]
    public async Task A_delegate_without_a_task_is_named()
    {
        CloudEventObserver observer = new(new CloudEventTarget(Source, static (_, _, _) => null!), Substitute.For<IServiceProvider>());
        var now = DateTimeOffset.UnixEpoch;
        Build build = new()
        {
            Id = Guid.Empty,
            Status = BuildStatus.Running,
            Key = "a",
            OwnerId = "a",
            Runner = "ci",
            Request = new BuildRequest(),
            CreatedAt = now,
            UpdatedAt = now,
            Deadline = now,
        };

        var act = () => observer.OnBuildChangedAsync(build, TestContext.Current.CancellationToken);

        await act.Should().ThrowExactlyAsync<InvalidOperationException>();
    }

    private Task PublishAsync(IServiceProvider services, CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        services.GetRequiredService<ConcurrentQueue<string>>().Enqueue(cloudEvent.Id!);
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new InvalidOperationException("The broker is away.");
        }

        if (cloudEvent.Type!.Contains("finished", StringComparison.Ordinal))
        {
            _finished.TrySetResult();
        }

        return Task.CompletedTask;
    }

    private sealed class Other : IBuildObserver
    {
        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
