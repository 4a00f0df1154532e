using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds with a pipeline of Buildkite.</summary>
internal static class BuildkiteChoice
{
    public const string Kind = "buildkite";

    private const string TokenVariable = "BUILDKITE_TOKEN";

    public static Task<RunnerChoice> CreateAsync(
        Verification.Request request, IReadOnlyList<Revision> @base, IReadOnlyList<Revision> head, CancellationToken cancellationToken)
    {
        if (request.Pipeline?.Split('/') is not [var organization, var pipeline])
        {
            throw new RejectedException("Name organization and pipeline on Buildkite with --pipeline, such as --pipeline acme/verify");
        }

        _ = Token();
        var where = $"the pipeline {request.Pipeline} of Buildkite";
        return CiChoice.CreateAsync(Kind, where, new { request.Url, request.Pipeline }, request, @base, head, Register, cancellationToken);

        string Token() => CiChoice.Secret(TokenVariable, $"an API token that may create and read builds and logs of {request.Pipeline}");
        void Register(IServiceCollection services, string key) => services.AddKeyedBuildkiteBuildRunner(key, options =>
        {
            (options.Organization, options.Pipeline) = (organization, pipeline);
            options.ApiUrl = request.Url ?? options.ApiUrl;
            options.Token = _ => new(Token());
        });
    }
}
