using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds on a Buildbot master.</summary>
internal static class BuildbotChoice
{
    public const string Kind = "buildbot";

    public static Uri? ParseUrl(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https"))
        {
            return url;
        }

        argument.AddError($"'{argument.Tokens[0].Value}' is not the address of a CI; write it as http://127.0.0.1:8010");
        return null;
    }

    public static Task<RunnerChoice> CreateAsync(
        Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        var url = request.Url ?? throw new RejectedException("Name the Buildbot master with --url, such as --url http://127.0.0.1:8010");
        var where = $"the builder '{request.Builder}' at {url}";
        return CiChoice.CreateAsync(Kind, where, new { url, request.Builder }, request, @base, head, Register, cancellationToken);

        void Register(IServiceCollection services, string key) =>
            services.AddKeyedBuildbotBuildRunner(key, options => (options.Url, options.Builder) = (url, request.Builder));
    }
}
