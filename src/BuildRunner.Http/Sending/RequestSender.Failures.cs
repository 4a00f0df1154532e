using System.Net;
using System.Text;

namespace BuildRunner.Http.Sending;

/// <content>Interprets answers that are not what the caller asked for.</content>
internal sealed partial class RequestSender
{
    private const int MaxExcerpt = 1024;

    public CreateVerdict JudgeCreate(Sent sent) => sent.Reply is { } reply
        ? _options.JudgeCreate?.Invoke(reply) ?? DefaultVerdict(sent, reply)
        : sent.MayHaveArrived ? CreateVerdict.Unknown : CreateVerdict.TryLater;

    public BuildRunnerException RefusalOf(Sent sent, CreateVerdict verdict)
    {
        var failure = FailureOf(sent, buildId: null, "create");
        return verdict switch
        {
            CreateVerdict.Misconfigured => failure as BuildRunnerConfigurationException
                ?? new BuildRunnerConfigurationException(failure.Message),
            CreateVerdict.TryLater => failure.IsTransient ? failure : new BuildRunnerException(failure.Message) { IsTransient = true },
            _ => new BuildRunnerException(failure.Message),
        };
    }

    /// <summary>Gets the exception for a request that failed, regardless of what it may have created.</summary>
    public BuildRunnerException FailureOf(Sent sent, BuildId? buildId, string operation)
    {
        if (sent.Held is { } held)
        {
            var why = sent.IsCrowded
                ? $"Too many calls are waiting for their turn at {_options.Name}"
                : $"{_options.Name} asked to wait";
            return new BuildRunnerException($"{why}; the {operation} call was not sent, try again in {held}.")
            {
                BuildId = buildId,
                IsTransient = true,
                RetryAfter = held,
            };
        }

        if (sent.Reply is not { } reply)
        {
            var why = sent.Error is OperationCanceledException ? "there was no answer in time" : Excerpt(sent.Error?.Message);

            // An answer that is too long is too long again.
            var isTransient = sent.Error is not HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded };
            return new BuildRunnerException($"The {operation} call to {_options.Name} failed: {why}.")
            {
                BuildId = buildId,
                IsTransient = isTransient,
            };
        }

        var quota = sent.Quota;
        var text = $"{_options.Name} answered {(int)reply.StatusCode} to the {operation} call"
            + $"{(reply.IsSuccess ? ", with a body that cannot be read" : "")}: {Excerpt(reply.Text)}";
        if (quota.RetryAfter is not null
            || reply.StatusCode == HttpStatusCode.TooManyRequests
            || (reply.StatusCode == HttpStatusCode.Forbidden && quota.Remaining == 0))
        {
            return new BuildRunnerException(text)
            {
                BuildId = buildId,
                IsTransient = true,
                RetryAfter = RequestGate.Bound(quota.RetryAfter) ?? Gate.WaitOf(isPoll: false),
            };
        }

        // A page of a proxy says nothing about the service, even if its status seems final.
        var isOwn = sent.IsOwn;
        return (int)reply.StatusCode switch
        {
            401 or 403 when isOwn => new BuildRunnerConfigurationException(text) { BuildId = buildId },
            404 when isOwn && buildId is { } missing => new BuildNotFoundException(text) { BuildId = missing },
            >= 400 and < 500 and not (408 or 425) when isOwn => new BuildRunnerException(text) { BuildId = buildId },
            _ => new BuildRunnerException(text) { BuildId = buildId, IsTransient = true },
        };
    }

    public string Excerpt(string? text)
    {
        var clean = Redactor.Redact(text).Trim();
        StringBuilder excerpt = new();
        foreach (var rune in clean.EnumerateRunes())
        {
            if (excerpt.Length >= MaxExcerpt)
            {
                return excerpt.Append('…').ToString();
            }

            excerpt.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return excerpt.ToString();
    }

    private static CreateVerdict DefaultVerdict(Sent sent, HttpReply reply) =>
        sent.IsOwn && reply.StatusCode == HttpStatusCode.Forbidden && (sent.Quota.RetryAfter is not null || sent.Quota.Remaining == 0)
            ? CreateVerdict.TryLater
            : CreateVerdicts.Default(reply, sent.IsOwn);
}
