using BuildRunner.Model.Builds;
using BuildRunner.Model.Groups;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>What of a group can be seen in the model and in the product.</summary>
internal sealed record GroupView
{
    public string Members { get; init; } = "";

    public string Verdict { get; init; } = "";

    public bool IsCancelling { get; init; }

    public Slot Message { get; init; }

    public int Verdicts { get; init; }

    public string Workers { get; init; } = "";

    public static GroupView Of(Groups.GroupState state) => new()
    {
        Members = string.Join(' ', state.Members.Select(static member => Of(member))),
        Verdict = state.Verdict < Status.Succeeded ? "" : $"{state.Verdict}",
        IsCancelling = state.IsCancelling,
        Message = state.Message,
        Verdicts = state.Verdicts,
        Workers = $"{Of(state.First)} {Of(state.Second)}",
    };

    public static string Of(Member member) => $"({member.Status}{(member is { IsCancelling: true, IsEnded: false } ? ", cancelling" : "")}{(member.IsKnown ? ", known" : "")})";

    private static string Of(GroupWorker worker) => worker.Call == Call.None ? "-" : ReplayView.Of("group", worker.Call, worker.IsHolder, isLate: false);
}
