using System.Text.Json;
using BuildRunner.Git.Merged;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Host;

/// <summary>A process that uses merged refs. It answers each line of its input by one line: trigger <request as JSON>, or land <id>.</summary>
internal static class MergedHost
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var state, var repository, var remote, var ci, var death])
        {
            return 2;
        }

        ServiceCollection services = new();
        services.AddSingleton(FileCi.Open(ci));
        services.AddMergedRefs(options =>
        {
            options.StateDirectory = state;
            options.Repository = repository;
            options.Remote = remote;
            options.TargetBranch = "main";
            options.RefPrefix = "refs/heads/build/";
        });
        if (death != "-")
        {
            services.AddSingleton<MergedStepReached>(new Death<MergedStep>(death).Reached);
        }

        await using var provider = services.BuildServiceProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(await AnswerAsync(runner, line));
        }

        return 0;
    }

    private static async Task<string> AnswerAsync(IBuildRunner runner, string line)
    {
        try
        {
            return line.Split(' ', 2) switch
            {
                ["trigger", var request] => (await runner.TriggerAsync(JsonSerializer.Deserialize<BuildRequest>(request)!)).Value,
                ["land", var id] => (await runner.As<IMergedRefs>()!.LandAsync(new BuildId(id))).Outcome.ToString(),
                _ => throw new ArgumentException($"'{line}' is nothing to do."),
            };
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync(exception.ToString());
            return exception.GetType().Name;
        }
    }
}
