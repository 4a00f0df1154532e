using System.Collections;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Xunit.Sdk;
using Xunit.v3;

namespace BuildRunner.Tests.Documentation;

/// <summary>Compiles a block and runs what is in it: its top-level statements as a program, and its facts.</summary>
internal static class CodeBlockRunner
{
    private const BindingFlags AnyMethod = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // A thread of the pool, because a program's Main blocks until its asynchronous part is done.
    public static Task RunAsync(string code) => Task.Run(async () =>
    {
        var assembly = CodeBlockCompiler.Compile(code);
        await RunProgramAsync(assembly);
        foreach (var method in assembly.GetTypes().SelectMany(type => type.GetMethods(AnyMethod)))
        {
            await RunFactAsync(method);
        }
    });

    private static async Task RunProgramAsync(Assembly assembly)
    {
        if (assembly.EntryPoint is { } main)
        {
            object?[] arguments = main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];
            if (await InvokeAsync(null, main, arguments) is int exitCode and not 0)
            {
                throw new CodeBlockException($"The program ended with exit code {exitCode}.");
            }
        }
    }

    private static async Task RunFactAsync(MethodInfo method)
    {
        if (method.GetCustomAttributes().OfType<IFactAttribute>().SingleOrDefault() is not { } fact)
        {
            return;
        }

        if (fact.Skip is not null || fact.Explicit)
        {
            throw new CodeBlockException($"{method.Name} would not run; a fact of the documentation must.");
        }

        var passed = 0;
        foreach (var arguments in Rows(method, fact))
        {
            passed += await RunRowAsync(method, arguments) ? 1 : 0;
        }

        if (passed == 0)
        {
            throw new CodeBlockException($"{method.Name} has skipped itself; a fact of the documentation must run, and of a theory one row at least.");
        }
    }

    private static List<object?[]> Rows(MethodInfo method, IFactAttribute fact)
    {
        if (fact is not ITheoryAttribute)
        {
            return [[]];
        }

        var sources = method.GetCustomAttributes().OfType<IDataAttribute>().ToList();
        var rows = sources.All(source => source.Skip is null) ? sources.SelectMany(source => Rows(method, source)).ToList() : [];
        return rows.Count > 0 ? rows : throw new CodeBlockException($"{method.Name} needs rows, all of them from InlineData or MemberData that is not skipped.");
    }

    private static IEnumerable<object?[]> Rows(MethodInfo method, IDataAttribute source) => source switch
    {
        InlineDataAttribute inline => [inline.Data],
        MemberDataAttribute member => ((IEnumerable)method.DeclaringType!.GetProperty(member.MemberName)!.GetValue(null)!).Cast<ITheoryDataRow>().Select(row => row.GetData()),
        _ => [],
    };

    /// <summary>Runs a fact or a row of a theory, and tells whether it did not skip itself.</summary>
    private static async Task<bool> RunRowAsync(MethodInfo method, object?[] arguments)
    {
        var instance = method.IsStatic ? null : Activator.CreateInstance(method.DeclaringType!);
        try
        {
            if (instance is IAsyncLifetime lifetime)
            {
                await lifetime.InitializeAsync();
            }

            await InvokeAsync(instance, method, arguments);
            return true;
        }
        catch (SkipException)
        {
            return false;
        }
        finally
        {
            await DisposeAsync(instance);
        }
    }

    private static async Task<object?> InvokeAsync(object? instance, MethodInfo method, object?[] arguments)
    {
        var result = Invoke(instance, method, arguments);
        switch (result)
        {
            case Task task:
                await task;
                return null;
            case ValueTask task:
                await task;
                return null;
            default:
                return result;
        }
    }

    private static object? Invoke(object? instance, MethodInfo method, object?[] arguments)
    {
        try
        {
            return method.Invoke(instance, arguments);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static async Task DisposeAsync(object? instance)
    {
        if (instance is IAsyncDisposable asyncDisposable)
        {
            await asyncDisposable.DisposeAsync();
        }
        else if (instance is IDisposable disposable)
        {
            disposable.Dispose();
        }
    }
}
