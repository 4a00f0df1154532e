using System.Reflection;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The members that a step can call, by reflection, so that a new member must be called by a scenario.</summary>
internal static class CrashMembers
{
    /// <summary>The members that no step calls. Each is a single statement without consequences.</summary>
    private static readonly string[] Others = [nameof(IBuildStore.CheckAsync), nameof(IBuildStore.ListAsync), nameof(IBuildStore.ReadHistoryAsync), nameof(IBuildStore.DeleteEndedAsync), nameof(IBuildStore.ListDocumentsAsync), nameof(IBuildStore.DeleteExpiredDocumentsAsync)];

    /// <summary>Gets the names of all calls, as a hook sees them.</summary>
    public static async Task<IReadOnlyList<string>> GetAsync()
    {
        List<string> names = [];
        // To a hook both updates are one.
        foreach (var method in typeof(IBuildStore).GetMethods().Where(static method => !Others.Contains(method.Name) && method.GetParameters().All(static parameter => parameter.ParameterType != typeof(DocumentGuard))))
        {
            names.Add(await NameOfAsync(method, static hook => new HookedStore(null!, hook, null!)));
        }

        foreach (var method in typeof(IBuildRunner).GetMethods().Concat(typeof(IBuildFinder).GetMethods()))
        {
            names.Add(await NameOfAsync(method, static hook => HookedRunner.Of(null!, hook, finds: true)));
        }

        foreach (var method in typeof(IBuildObserver).GetMethods())
        {
            names.Add(await NameOfAsync(method, static hook => new HookedObserver(null!, hook)));
        }

        names.Add(await NameOfAsync(typeof(IQueueEngine).GetMethod(nameof(IQueueEngine.PublishAsync))!, static hook => new HookedEngine(null!, hook, null!)));
        names.Should().OnlyHaveUniqueItems();
        return names;
    }

    private static async Task<string> NameOfAsync(MethodInfo method, Func<CallHook, object> wrap)
    {
        List<string> names = [];
        CallHook hook = new();
        hook.OnCallAsync = call =>
        {
            names.Add(call.Member);
            throw new CrashException();
        };
        object?[] arguments = [.. method.GetParameters().Select(static parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];
        try
        {
            await (Task)method.Invoke(wrap(hook), arguments)!;
        }
        catch (CrashException)
        {
            // The call itself is not made.
        }

        return names.Should().ContainSingle($"{method} must go through the hook").Which;
    }
}
