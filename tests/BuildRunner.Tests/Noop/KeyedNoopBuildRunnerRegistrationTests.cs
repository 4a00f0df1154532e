using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Tests.Noop;

public sealed class KeyedNoopBuildRunnerRegistrationTests
{
    private static readonly ServiceProviderOptions Strict = new() { ValidateOnBuild = true, ValidateScopes = true };

    private readonly ServiceCollection _services = [];

    [Fact]
    public void It_returns_the_services()
    {
        _services.AddKeyedNoopBuildRunner("main").Should().BeSameAs(_services);
    }

    [Fact]
    public void It_is_one_instance_under_its_own_type_and_under_the_interface_in_every_scope()
    {
        using var provider = _services.AddKeyedNoopBuildRunner("main").BuildServiceProvider(Strict);
        using var scope = provider.CreateScope();

        var runner = scope.ServiceProvider.GetRequiredKeyedService<IBuildRunner>("main");

        runner.Should().BeOfType<NoopBuildRunner>().And.BeSameAs(provider.GetRequiredKeyedService<NoopBuildRunner>("main"));
    }

    [Fact]
    public void It_adds_a_singleton_under_its_own_type_and_one_under_the_interface()
    {
        _services.AddKeyedNoopBuildRunner("main");

        _services.Select(service => (service.ServiceType, service.Lifetime, service.ServiceKey)).Should().BeEquivalentTo(new (Type, ServiceLifetime, object?)[]
        {
            (typeof(NoopBuildRunner), ServiceLifetime.Singleton, "main"),
            (typeof(IBuildRunner), ServiceLifetime.Singleton, "main"),
        });
    }

    [Fact]
    public void The_same_key_twice_is_once()
    {
        _services.AddKeyedNoopBuildRunner("main").AddKeyedNoopBuildRunner("main");

        _services.Should().HaveCount(2);
    }

    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        using var provider = _services.AddKeyedNoopBuildRunner("main").AddKeyedNoopBuildRunner("release").BuildServiceProvider(Strict);

        var main = await provider.GetRequiredKeyedService<IBuildRunner>("main").TriggerAsync(new BuildRequest());
        var release = await provider.GetRequiredKeyedService<IBuildRunner>("release").TriggerAsync(new BuildRequest());

        release.Should().Be(main);
    }

    [Fact]
    public void A_key_may_be_any_object()
    {
        var key = new object();

        using var provider = _services.AddKeyedNoopBuildRunner(key).BuildServiceProvider(Strict);

        provider.GetRequiredKeyedService<IBuildRunner>(key).Should().BeOfType<NoopBuildRunner>();
    }

    [Fact]
    public void Any_key_gives_each_key_a_runner_of_its_own()
    {
        using var provider = _services.AddKeyedNoopBuildRunner(KeyedService.AnyKey).BuildServiceProvider(Strict);

        var main = provider.GetRequiredKeyedService<IBuildRunner>("main");

        main.Should().BeOfType<NoopBuildRunner>()
            .And.BeSameAs(provider.GetRequiredKeyedService<NoopBuildRunner>("main"))
            .And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("release"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_key_leaves_a_key_with_a_real_runner_alone(bool realFirst)
    {
        _ = realFirst
            ? _services.AddKeyedRealBuildRunner("main").AddKeyedNoopBuildRunner(KeyedService.AnyKey)
            : _services.AddKeyedNoopBuildRunner(KeyedService.AnyKey).AddKeyedRealBuildRunner("main");
        using var provider = _services.BuildServiceProvider(Strict);

        provider.GetRequiredKeyedService<IBuildRunner>("main").As<RealBuildRunner>().Should().NotBeNull();
        provider.GetRequiredKeyedService<IBuildRunner>("other").Should().BeOfType<NoopBuildRunner>();
    }

    [Fact]
    public void A_real_runner_of_the_key_that_was_added_before_stays_the_only_one()
    {
        using var provider = _services.AddKeyedRealBuildRunner("main").AddKeyedNoopBuildRunner("main").BuildServiceProvider(Strict);

        provider.GetKeyedServices<IBuildRunner>("main").Should().ContainSingle().Which.As<RealBuildRunner>().Should().NotBeNull();
    }

    [Fact]
    public void A_real_runner_of_the_key_that_is_added_after_wins()
    {
        using var provider = _services.AddKeyedNoopBuildRunner("main").AddKeyedRealBuildRunner("main").BuildServiceProvider(Strict);

        provider.GetRequiredKeyedService<IBuildRunner>("main").As<RealBuildRunner>().Should().NotBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_real_runner_is_disposed_once_beside_a_noop_of_the_same_key(bool realFirst)
    {
        _ = realFirst
            ? _services.AddKeyedRealBuildRunner("main").AddKeyedNoopBuildRunner("main")
            : _services.AddKeyedNoopBuildRunner("main").AddKeyedRealBuildRunner("main");
        var provider = _services.BuildServiceProvider(Strict);
        var real = provider.GetRequiredKeyedService<RealBuildRunner>("main");
        await using (var scope = provider.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredKeyedService<IBuildRunner>("main").TriggerAsync(new BuildRequest());
            await scope.ServiceProvider.GetRequiredKeyedService<NoopBuildRunner>("main").TriggerAsync(new BuildRequest());
        }

        var before = real.Disposals;
        await provider.DisposeAsync();

        (before, real.Disposals).Should().Be((0, 1));
    }

    [Fact]
    public void It_does_not_count_without_its_key()
    {
        using var provider = _services.AddKeyedNoopBuildRunner("main").BuildServiceProvider(Strict);

        provider.GetService<IBuildRunner>().Should().BeNull();
        provider.GetService<NoopBuildRunner>().Should().BeNull();
    }

    [Fact]
    public void A_runner_without_a_key_does_not_count_for_it()
    {
        using var provider = _services.AddRealBuildRunner().AddKeyedNoopBuildRunner("main").BuildServiceProvider(Strict);

        provider.GetRequiredKeyedService<IBuildRunner>("main").Should().BeOfType<NoopBuildRunner>();
        provider.GetRequiredService<IBuildRunner>().As<RealBuildRunner>().Should().NotBeNull();
    }

    [Fact]
    public void Null_services_are_refused()
    {
        Action act = () => ((IServiceCollection)null!).AddKeyedNoopBuildRunner("main");

        act.Should().Throw<ArgumentNullException>().WithParameterName("services");
    }

    [Fact]
    public void A_null_key_is_refused()
    {
        Action act = () => _services.AddKeyedNoopBuildRunner(null!);

        act.Should().Throw<ArgumentNullException>().WithParameterName("serviceKey");
    }
}
