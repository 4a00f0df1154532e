using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds on a Buildbot master, which applies the changes and decides what is run.</summary>
internal static class BuildbotChoice
{
    public const string Kind = "buildbot";

    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    public static Uri? ParseUrl(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https"))
        {
            return url;
        }

        argument.AddError($"'{argument.Tokens[0].Value}' is not the address of a CI; write it as http://127.0.0.1:8010");
        return null;
    }

    public static async Task<RunnerChoice> CreateAsync(Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        if (request.Url is not { } url)
        {
            throw new RejectedException("Name the Buildbot master with --url, such as --url http://127.0.0.1:8010");
        }

        if (request.Command is not null || request.Target is not null || request.Timeout is not null || request.Reuse || request.Blame)
        {
            throw new RejectedException("A Buildbot master decides what it runs, and on which branch: leave out the command, --target, --timeout, --reuse and --blame.");
        }

        var state = request.State ?? $"{await Verification.FindStateAsync(request.Repository, cancellationToken)}-{Kind}";
        Directory.CreateDirectory(state);
        return new RunnerChoice
        {
            Kind = Kind,
            What = $"Verifying {string.Join(", ", head)}{(@base.Count == 0 ? "" : $" on {string.Join(", ", @base)}")} with the builder '{request.Builder}' at {url}",
            State = state,
            Way = new { url, request.Builder },
            Limit = Limit,
            Register = (services, key) => services.AddKeyedBuildbotBuildRunner(key, options =>
            {
                options.Url = url;
                options.Builder = request.Builder;
            }),
        };
    }
}
