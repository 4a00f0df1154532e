using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.AotApp;

internal static class RegistrationChecks
{
    public static async Task RunAsync(Checks checks)
    {
        var scripted = new ScriptedRunner();
        await using var provider = new ServiceCollection()
            .AddNoopBuildRunner()
            .AddKeyedNoopBuildRunner("one")
            .AddKeyedNoopBuildRunner("two")
            .BuildServiceProvider();
        await using var withAnother = new ServiceCollection()
            .AddSingleton<IBuildRunner>(scripted)
            .AddNoopBuildRunner()
            .BuildServiceProvider();

        var plain = provider.GetRequiredService<IBuildRunner>();
        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");
        var two = provider.GetRequiredKeyedService<IBuildRunner>("two");

        checks.Same("the abstraction is the concrete runner", provider.GetRequiredService<NoopBuildRunner>(), plain);
        checks.Same("a singleton", plain, provider.GetRequiredService<IBuildRunner>());
        checks.Same("the keyed abstraction is the keyed concrete runner", provider.GetRequiredKeyedService<NoopBuildRunner>("one"), one);
        checks.Equal("one runner per key", false, ReferenceEquals(one, two));
        checks.Equal("a keyed runner is not the plain one", false, ReferenceEquals(one, plain));
        checks.Same("the noop does not displace another runner", scripted, withAnother.GetRequiredService<IBuildRunner>());
        checks.Equal("each key counts for itself, the first", "noop-1", (await one.TriggerAsync([], [])).Value);
        checks.Equal("each key counts for itself, the second", "noop-1", (await two.TriggerAsync([], [])).Value);
    }
}
