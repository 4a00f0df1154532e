using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Tests.Noop;

public sealed class NoopBuildRunnerRegistrationTests
{
    private static readonly ServiceProviderOptions Strict = new() { ValidateOnBuild = true, ValidateScopes = true };

    private readonly ServiceCollection _services = [];

    [Fact]
    public void It_returns_the_services()
    {
        _services.AddNoopBuildRunner().Should().BeSameAs(_services);
    }

    [Fact]
    public void It_is_one_instance_under_its_own_type_and_under_the_interface()
    {
        using var provider = _services.AddNoopBuildRunner().BuildServiceProvider(Strict);

        var runner = provider.GetRequiredService<IBuildRunner>();

        runner.Should().BeOfType<NoopBuildRunner>().And.BeSameAs(provider.GetRequiredService<NoopBuildRunner>());
    }

    [Fact]
    public void It_is_one_instance_in_every_scope()
    {
        using var provider = _services.AddNoopBuildRunner().BuildServiceProvider(Strict);
        using var one = provider.CreateScope();
        using var other = provider.CreateScope();

        var runner = one.ServiceProvider.GetRequiredService<IBuildRunner>();

        runner.Should().BeSameAs(other.ServiceProvider.GetRequiredService<NoopBuildRunner>())
            .And.BeSameAs(provider.GetRequiredService<IBuildRunner>());
    }

    [Fact]
    public void It_adds_a_singleton_under_its_own_type_and_one_under_the_interface()
    {
        _services.AddNoopBuildRunner();

        _services.Select(service => (service.ServiceType, service.Lifetime, service.ServiceKey)).Should().BeEquivalentTo(new (Type, ServiceLifetime, object?)[]
        {
            (typeof(NoopBuildRunner), ServiceLifetime.Singleton, null),
            (typeof(IBuildRunner), ServiceLifetime.Singleton, null),
        });
    }

    [Fact]
    public void Twice_is_once()
    {
        _services.AddNoopBuildRunner().AddNoopBuildRunner();

        _services.Should().HaveCount(2);
    }

    [Fact]
    public void A_noop_that_is_there_already_is_kept()
    {
        var mine = new NoopBuildRunner();

        using var provider = _services.AddSingleton(mine).AddNoopBuildRunner().BuildServiceProvider(Strict);

        provider.GetRequiredService<IBuildRunner>().Should().BeSameAs(mine);
    }

    [Fact]
    public void A_real_runner_that_was_added_before_stays_the_only_one()
    {
        using var provider = _services.AddRealBuildRunner().AddNoopBuildRunner().BuildServiceProvider(Strict);

        provider.GetServices<IBuildRunner>().Should().ContainSingle().Which.As<RealBuildRunner>().Should().NotBeNull();
    }

    [Fact]
    public void A_real_runner_that_is_added_after_wins()
    {
        using var provider = _services.AddNoopBuildRunner().AddRealBuildRunner().BuildServiceProvider(Strict);

        provider.GetRequiredService<IBuildRunner>().As<RealBuildRunner>().Should().NotBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_real_runner_is_disposed_once_beside_a_noop_that_was_used(bool realFirst)
    {
        _ = realFirst ? _services.AddRealBuildRunner().AddNoopBuildRunner() : _services.AddNoopBuildRunner().AddRealBuildRunner();
        var provider = _services.BuildServiceProvider(Strict);
        var real = provider.GetRequiredService<RealBuildRunner>();
        await using (var scope = provider.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest());
            await scope.ServiceProvider.GetRequiredService<NoopBuildRunner>().TriggerAsync(new BuildRequest());
        }

        var before = real.Disposals;
        await provider.DisposeAsync();

        (before, real.Disposals).Should().Be((0, 1));
    }

    [Fact]
    public void It_does_not_count_for_a_key()
    {
        using var provider = _services.AddNoopBuildRunner().BuildServiceProvider(Strict);

        provider.GetKeyedService<IBuildRunner>("main").Should().BeNull();
    }

    [Fact]
    public void A_keyed_runner_does_not_count_for_it()
    {
        using var provider = _services.AddKeyedRealBuildRunner("main").AddKeyedNoopBuildRunner("other").AddNoopBuildRunner().BuildServiceProvider(Strict);

        provider.GetRequiredService<IBuildRunner>().Should().BeOfType<NoopBuildRunner>()
            .And.NotBeSameAs(provider.GetRequiredKeyedService<NoopBuildRunner>("other"));
    }

    [Fact]
    public void Null_services_are_refused()
    {
        Action act = () => ((IServiceCollection)null!).AddNoopBuildRunner();

        act.Should().Throw<ArgumentNullException>().WithParameterName("services");
    }
}
