using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Fakes;

/// <summary>What holds of the registration of each runner over HTTP.</summary>
public abstract class RegistrationTests<TRunner, TOptions>
    where TRunner : class, IBuildRunner
    where TOptions : HttpBuildRunnerOptions
{
    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        ServiceCollection services = new();
        Add(services, "one", static _ => { });
        Add(services, "two", static _ => { });
        await using var provider = services.BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<TRunner>("one"))
            .And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("two"));
        NameOf(provider.GetRequiredKeyedService<HttpBuildRunnerOptions>("one").Should().BeOfType<TOptions>().Subject).Should().Be("one");
    }

    [Theory]
    [InlineData(typeof(IBuildFinder))]
    [InlineData(typeof(IBuildLogSource))]
    [InlineData(typeof(IBuildStatusReader))]
    [InlineData(typeof(IBuildWebhookReader))]
    public async Task The_runner_is_found_by_what_it_can(Type part)
    {
        ServiceCollection services = new();
        Add(services, key: null, static _ => { });
        await using var provider = services.BuildServiceProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        var found = typeof(BuildRunnerExtensions).GetMethod(nameof(BuildRunnerExtensions.As))!.MakeGenericMethod(part)
            .Invoke(null, [runner]);

        found.Should().BeSameAs(part == typeof(IBuildWebhookReader) && !ReadsWebhooks ? null : runner);
    }

    /// <summary>Gets a value indicating whether the service sends webhooks.</summary>
    protected virtual bool ReadsWebhooks => true;

    /// <summary>Adds a runner with or without a key, with options that are right for a job of that name, and then set.</summary>
    protected abstract void Add(IServiceCollection services, string? key, Action<TOptions> configure);

    /// <summary>Gets the name of the job.</summary>
    protected abstract string NameOf(TOptions options);

    protected async Task VerifyAsync(string option, Action<TOptions> mistake)
    {
        ServiceCollection services = new();
        Add(services, key: null, mistake);
        await using var provider = services.BuildServiceProvider();

        var act = () => provider.GetRequiredService<IBuildRunner>();

        act.Should().ThrowExactly<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain(option);
    }
}
