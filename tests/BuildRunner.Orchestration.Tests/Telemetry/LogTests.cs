using System.Reflection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Telemetry;

/// <summary>Alerts go by the ids of events, so that an id is never given to another event.</summary>
public sealed class LogTests
{
    // A new event comes last. One that is gone leaves its number unused.
    private static readonly string[] Events =
    [
        "Deleted", "NotDeleted", "OutcomeUnknown", "TriggerLost", "TriggerRejected", "CallFailed", "CancelFailed", "Superfluous", "EndedByDeadLetter", "DeadlinePassed",
        "GraceOver", "SignalRefused", "AnswerNotSaved", "ForeignMessage", "ChangeOutlived", "ChangesLeft", "RunnerHung", "RunnerHungNoMore", "AnswerSaveFailed", "AnswerLost",
        "ListenerBroken", "SetupAtFault", "SetupMended", "WaitsForSetup", "CallFailedAgain", "CallsAnswered", "TriedAgain", "OverBudget", "GroupOutlived", "GroupEnded", "GroupMemberUnreadable",
        "RunnerPaused", "RunnerResumed", "RunnersNotRead", "DeadLetterNotAsked",
    ];

    [Fact]
    public void Each_event_has_a_number_of_its_own_that_stays()
    {
        var known = Events.Select(static (name, index) => (Id: index + 1, Name: name));

        Methods(typeof(Log)).Select(static method => (Id: IdOf(method), method.Name)).Should().BeEquivalentTo(known);
    }

    [Fact]
    public void No_event_is_logged_from_anywhere_else()
    {
        var elsewhere = typeof(IBuildOrchestrator).Assembly.GetTypes().Where(static type => type != typeof(Log)).SelectMany(Methods);

        elsewhere.Should().BeEmpty();
    }

    private static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(static method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null);

    // Without a number of its own an event has the hash of its name.
    private static int IdOf(MethodInfo method) => method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId;
}
